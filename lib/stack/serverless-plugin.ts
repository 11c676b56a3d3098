import * as v from 'valibot';
import { COMMANDS, RELAY_COMMAND_NAMES } from '../command-line/commands.ts';
import type { RelayOptions } from '../command-line/run-command.ts';
import { joinResources, ResourcesError } from './add-resources.ts';
import { applyDestinations, DestinationsError } from './apply-destinations.ts';
import { loadDestinations, OwnFileError } from '../project/own-files.ts';
import { applyDomain } from './apply-domain.ts';
import {
  completeTemplate,
  rejectIneffectiveDeploy,
  requireAcceptable,
  requireLoadable,
  requireNoneLeftBehind,
  requireValidStage,
} from './deploy-checks.ts';
import { localizeDestinations } from './local-destinations.ts';
import { keepPaused, type PauseHost, restorePaused } from './pause-commands.ts';
import { type AppliedDestinations, type Serverless, type Writers } from './serverless.ts';
import { readStageValues } from './stage-values.ts';
import type { InvokeServices } from '../local/cli/invoke-services.ts';

type Hooks = Readonly<Record<string, () => Promise<void>>>;

const LocalStageSchema = v.object({ provider: v.object({ stage: v.literal('local') }) });
const INVOKE_COMMAND = 'invoke local';
const DEPLOY_FUNCTION_COMMAND = 'deploy function';
const DEPLOY_COMMAND = 'deploy';
const ROLLBACK_COMMAND = 'rollback';
const DEPLOY_COMMANDS = new Set([DEPLOY_COMMAND, DEPLOY_FUNCTION_COMMAND]);
/** The commands that create a stack; `deploy function` only replaces the code of a function. */
const STACK_COMMANDS = new Set(['package', DEPLOY_COMMAND]);
const AliasSchema = v.object({
  custom: v.object({ esbuild: v.object({ alias: v.object({ '#destinations': v.string() }) }) }),
});
/** Environment variables that would lead the SDK to the developer's own AWS account. */
const AWS_CREDENTIAL_VARIABLES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN'];

/**
 * Does what serverless.yml cannot declare. In every stage it adds what the destinations of
 * functions/destinations.ts need: queues, permissions, variables, alarms. It makes the stage `local` work
 * on this machine alone: `sls invoke local` uses the emulators, and deploying is rejected. In every other
 * stage it rejects parameters that are not valid, a stack whose alarms have no recipient, one that AWS
 * would refuse, and a deploy that leaves deliveries behind; it loads every function once after it is
 * packaged. It runs the commands of the operator, and keeps paused ones paused through deploys and rollbacks.
 */
export default class VoucherRelayPlugin {
  readonly commands = COMMANDS;
  readonly hooks: Hooks;

  constructor(
    serverless: Serverless,
    options: RelayOptions & { readonly function?: string },
    { writeText }: Writers,
  ) {
    const command = serverless.processedInput.commands.join(' ');
    const isLocal = v.is(LocalStageSchema, serverless.configurationInput);
    let applied: AppliedDestinations = { declarations: [], planned: [] };
    const getHost = (): PauseHost => ({ serverless, applied, print: writeText });
    let isStackChanging = command === ROLLBACK_COMMAND;
    this.hooks = {
      ...(isLocal && command === INVOKE_COMMAND
        ? createInvokeHooks(serverless, options.function ?? '', writeText)
        : {}),
      ...(!isLocal && STACK_COMMANDS.has(command)
        ? {
            // before it the template lacks what serverless.yml declares under resources
            async 'after:aws:package:finalize:mergeCustomProviderResources'() {
              completeTemplate(serverless);
              requireAcceptable(serverless);
              await requireLoadable(serverless);
            },
          }
        : {}),
      ...(!isLocal && command === DEPLOY_COMMAND
        ? {
            async 'before:deploy:deploy'() {
              await requireNoneLeftBehind(serverless, applied);
              await keepPaused(getHost());
              isStackChanging = true;
            },
            'after:deploy:deploy': () => restorePaused(getHost(), true),
          }
        : {}),
      ...(!isLocal && command === ROLLBACK_COMMAND
        ? { 'after:rollback:rollback': () => restorePaused(getHost(), false) }
        : {}),
      ...(!isLocal && (command === DEPLOY_COMMAND || command === ROLLBACK_COMMAND)
        ? {
            // after a failure CloudFormation has gone back to the template before
            async error() {
              if (isStackChanging) await restorePaused(getHost(), false);
            },
          }
        : {}),
      ...createRelayHooks(command, getHost, options),
      ...(!isLocal && command === DEPLOY_FUNCTION_COMMAND
        ? {
            'after:deploy:function:packageFunction': () =>
              requireLoadable(serverless, options.function),
          }
        : {}),
      async initialize() {
        if (isLocal && DEPLOY_COMMANDS.has(command)) rejectLocalDeploy(serverless, command);
        if (command === DEPLOY_FUNCTION_COMMAND) rejectIneffectiveDeploy(serverless, options);
        if (isLocal && command === INVOKE_COMMAND) clearAwsCredentials();
        addResources(serverless);
        applied = await configureDestinations(serverless, isLocal);
        if (!isLocal && (STACK_COMMANDS.has(command) || DEPLOY_COMMANDS.has(command))) {
          await requireValidStage(serverless, applied, STACK_COMMANDS.has(command));
        }
      },
    };
  }
}

/** The hook of a command of the operator; none for any other command. */
function createRelayHooks(command: string, getHost: () => PauseHost, options: RelayOptions): Hooks {
  const name = RELAY_COMMAND_NAMES.find((each) => command === `relay ${each}`);
  if (name === undefined) return {};
  return {
    async [`relay:${name}:${name}`]() {
      // imported here, so that other commands do not wait for it
      const { runRelayCommand } = await import('../command-line/run-command.ts');
      await runRelayCommand(getHost(), name, options);
    },
  };
}

function createInvokeHooks(
  serverless: Serverless,
  functionName: string,
  writeText: Writers['writeText'],
): Hooks {
  // read now: serverless-esbuild changes `serviceDir` to its build folder later
  const { serviceDir } = serverless;
  let services: InvokeServices | null = null;
  return {
    async 'before:invoke:local:invoke'() {
      // imported here, so that other commands do not wait for it
      const { openInvokeServices } = await import('../local/cli/invoke-services.ts');
      const { configurationInput } = serverless;
      services = await openInvokeServices(serviceDir, configurationInput, functionName);
      Object.assign(process.env, services.environment);
    },
    async 'after:invoke:local:invoke'() {
      if (services !== null) writeText(await services.report());
      await services?.stop();
    },
    async error() {
      await services?.stop();
      // serverless-esbuild does not stop esbuild when an invocation fails; the command would never end
      const esbuild = await import('esbuild');
      await esbuild.stop();
    },
  };
}

/** Adds the resources that every project has, in both places where osls looks for them. */
function addResources({ classes, configurationInput, service }: Serverless): void {
  try {
    const resources = joinResources(configurationInput);
    if (resources === null) return;
    for (const each of [configurationInput, service]) {
      if (v.is(v.looseObject({}), each)) Object.assign(each, { resources });
    }
  } catch (error) {
    if (!(error instanceof ResourcesError)) throw error;
    throw new classes.Error(error.message, 'RESOURCE_NAME_TAKEN');
  }
}

async function configureDestinations(
  { classes, configurationInput, processedInput, serviceDir }: Serverless,
  isLocal: boolean,
): Promise<AppliedDestinations> {
  try {
    const declarations = await loadDestinations(
      serviceDir,
      readDestinationsFile(configurationInput),
    );
    const stageValues = readStageValues(configurationInput, processedInput.options?.param ?? []);
    const planned = applyDestinations(configurationInput, declarations, stageValues);
    if (isLocal) localizeDestinations(configurationInput, planned);
    else applyDomain(configurationInput, stageValues.values);
    return { declarations, planned };
  } catch (error) {
    if (!(error instanceof DestinationsError || error instanceof OwnFileError)) throw error;
    throw new classes.Error(error.message, 'INVALID_DESTINATIONS');
  }
}

/** The file that the functions are bundled with: the declarations are read from the same. */
function readDestinationsFile(configuration: unknown): string | undefined {
  const parsed = v.safeParse(AliasSchema, configuration);
  return parsed.success ? parsed.output.custom.esbuild.alias['#destinations'] : undefined;
}

/** Replaces AWS credentials before osls looks for them: they are not needed, and could be the developer's own. */
function clearAwsCredentials(): void {
  for (const name of AWS_CREDENTIAL_VARIABLES) delete process.env[name];
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
}

function rejectLocalDeploy({ classes }: Serverless, command: string): never {
  throw new classes.Error(
    `The stage local cannot be deployed: it is for this machine only. Choose another stage, for example: npx sls ${command} --stage prod --region eu-west-1`,
    'LOCAL_STAGE_NOT_DEPLOYABLE',
  );
}
