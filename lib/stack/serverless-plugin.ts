import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readDestinations, DestinationsError, applyDestinations } from './apply-destinations.ts';
import { findLoadFaults, type PackagedFunction } from './load-check.ts';
import { localizeDestinations } from './local-destinations.ts';
import { toPackagedEnvironment } from './packaged-environment.ts';
import { findStageFaults } from './stage-faults.ts';
import type { InvokeServices } from '../local/cli/invoke-services.ts';

/** The parts of osls that we use; osls has no types. */
interface Serverless {
  readonly serviceDir: string;
  /** The configuration; its variables are resolved when the hook `initialize` runs. */
  readonly configurationInput: unknown;
  readonly processedInput: {
    readonly commands: readonly string[];
    readonly options?: { readonly param?: readonly string[] | undefined };
  };
  /** The functions with their archives, once they are packaged. */
  readonly service?: unknown;
  /** Errors of this class are printed without a stack trace. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

interface Writers {
  readonly writeText: (text: string) => void;
}

type Hooks = Readonly<Record<string, () => Promise<void>>>;

const LocalStageSchema = v.object({ provider: v.object({ stage: v.literal('local') }) });
const INVOKE_COMMAND = 'invoke local';
const DEPLOY_FUNCTION_COMMAND = 'deploy function';
const DEPLOY_COMMANDS = new Set(['deploy', DEPLOY_FUNCTION_COMMAND]);
/** The commands that create a stack; `deploy function` only replaces the code of a function. */
const STACK_COMMANDS = new Set(['package', 'deploy']);
const SERVERLESS_YML = 'serverless.yml';
const ParametersSchema = v.record(v.string(), v.unknown());
/** What loading a function takes: its archive, its handler, its variables. */
const ServiceSchema = v.object({
  functions: v.record(v.string(), v.object({ package: v.object({ artifact: v.string() }) })),
});
const FunctionsSchema = v.object({
  provider: v.object({
    region: v.string(),
    environment: v.optional(ParametersSchema, {}),
  }),
  functions: v.record(
    v.string(),
    v.object({ handler: v.string(), environment: v.optional(ParametersSchema, {}) }),
  ),
  resources: v.object({ Resources: ParametersSchema }),
});
/** Environment variables that would lead the SDK to the developer's own AWS account. */
const AWS_CREDENTIAL_VARIABLES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN'];

/**
 * Does what serverless.yml cannot declare. In every stage it adds `custom.destinations` to fanOut's
 * environment and role. It makes the stage `local` work on this machine alone: `sls invoke local` uses
 * the emulators, and deploying is rejected. In every other stage it rejects parameters that are not
 * valid and a stack whose alarms have no recipient, and loads every function once after it is packaged.
 */
export default class VoucherRelayPlugin {
  readonly hooks: Hooks;

  constructor(
    serverless: Serverless,
    options: { readonly function?: string },
    { writeText }: Writers,
  ) {
    const command = serverless.processedInput.commands.join(' ');
    const isLocal = v.is(LocalStageSchema, serverless.configurationInput);
    this.hooks = {
      ...(isLocal && command === INVOKE_COMMAND
        ? createInvokeHooks(serverless, options.function ?? '', writeText)
        : {}),
      ...(!isLocal && STACK_COMMANDS.has(command)
        ? { 'before:package:finalize': () => requireLoadable(serverless) }
        : {}),
      ...(!isLocal && command === DEPLOY_FUNCTION_COMMAND
        ? {
            'after:deploy:function:packageFunction': () =>
              requireLoadable(serverless, options.function),
          }
        : {}),
      async initialize() {
        if (isLocal && DEPLOY_COMMANDS.has(command)) rejectLocalDeploy(serverless, command);
        if (isLocal && command === INVOKE_COMMAND) clearAwsCredentials();
        if (!isLocal && (STACK_COMMANDS.has(command) || DEPLOY_COMMANDS.has(command))) {
          await requireValidStage(serverless, STACK_COMMANDS.has(command));
        }
        configureDestinations(serverless, isLocal);
      },
    };
  }
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

function configureDestinations(
  { classes, configurationInput }: Serverless,
  isLocal: boolean,
): void {
  try {
    const entries = readDestinations(configurationInput);
    applyDestinations(configurationInput, entries);
    if (isLocal) localizeDestinations(configurationInput, entries);
  } catch (error) {
    if (!(error instanceof DestinationsError)) throw error;
    throw new classes.Error(`serverless.yml: ${error.message}`, 'INVALID_DESTINATIONS');
  }
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

/** Rejects a stage with all its faults at once, each with its fix. */
async function requireValidStage(serverless: Serverless, needsRecipient: boolean): Promise<void> {
  const { classes, configurationInput, processedInput, serviceDir } = serverless;
  const faults = findStageFaults({
    configuration: configurationInput,
    source: await readFile(join(serviceDir, SERVERLESS_YML), 'utf8').catch(() => ''),
    commandLine: processedInput.options?.param ?? [],
    needsRecipient,
  });
  if (faults !== null) throw new classes.Error(faults.message, faults.code);
}

/** Rejects a deploy whose functions could not start. */
async function requireLoadable(serverless: Serverless, functionName?: string): Promise<void> {
  const faults = await findLoadFaults(listPackaged(serverless, functionName));
  if (faults.length === 0) return;
  throw new serverless.classes.Error(faults.join('\n'), 'FUNCTION_CANNOT_START');
}

function listPackaged(
  { serviceDir, configurationInput, service }: Serverless,
  functionName: string | undefined,
): readonly PackagedFunction[] {
  const packaged = v.parse(ServiceSchema, service).functions;
  const { provider, functions, resources } = v.parse(FunctionsSchema, configurationInput);
  return Object.entries(functions)
    .filter(([name]) => functionName === undefined || name === functionName)
    .map(([name, { handler, environment }]) => ({
      name,
      archive: join(serviceDir, packaged[name]?.package.artifact ?? ''),
      handler,
      environment: toPackagedEnvironment(
        { ...provider.environment, ...environment },
        resources.Resources,
        provider.region,
      ),
    }));
}
