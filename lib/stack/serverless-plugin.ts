import * as v from 'valibot';
import { readDestinations, DestinationsError, applyDestinations } from './apply-destinations.ts';
import { localizeDestinations } from './local-destinations.ts';
import type { InvokeServices } from '../local/cli/invoke-services.ts';

/** The parts of osls that we use; osls has no types. */
interface Serverless {
  readonly serviceDir: string;
  /** The configuration; its variables are resolved when the hook `initialize` runs. */
  readonly configurationInput: unknown;
  readonly processedInput: { readonly commands: readonly string[] };
  /** Errors of this class are printed without a stack trace. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

interface Writers {
  readonly writeText: (text: string) => void;
}

type Hooks = Readonly<Record<string, () => Promise<void>>>;

const LocalStageSchema = v.object({ provider: v.object({ stage: v.literal('local') }) });
/** A stage with a recipient for its alarms, or with alarms that are explicitly off. */
const AlarmRecipientSchema = v.object({
  custom: v.object({
    alarms: v.union([
      v.object({ notification: v.literal('none') }),
      v.object({ notification: v.literal('mail'), email: v.pipe(v.string(), v.email()) }),
    ]),
  }),
});
const INVOKE_COMMAND = 'invoke local';
const DEPLOY_COMMANDS = new Set(['deploy', 'deploy function']);
/** The commands that create a stack; `deploy function` only replaces the code of a function. */
const STACK_COMMANDS = new Set(['package', 'deploy']);
/** Environment variables that would lead the SDK to the developer's own AWS account. */
const AWS_CREDENTIAL_VARIABLES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN'];

/**
 * Does what serverless.yml cannot declare. In every stage it adds `custom.destinations` to fanOut's
 * environment and role. It makes the stage `local` work on this machine alone: `sls invoke local` uses
 * the emulators, and deploying is rejected. In every other stage it rejects a stack whose alarms have no
 * recipient.
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
      async initialize() {
        if (isLocal && DEPLOY_COMMANDS.has(command)) rejectLocalDeploy(serverless, command);
        if (isLocal && command === INVOKE_COMMAND) clearAwsCredentials();
        if (!isLocal && STACK_COMMANDS.has(command)) requireAlarmRecipient(serverless);
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

function requireAlarmRecipient({ classes, configurationInput }: Serverless): void {
  if (v.is(AlarmRecipientSchema, configurationInput)) return;
  throw new classes.Error(
    'The alarms of this stage have no recipient. Set one with --param="alarmEmail=you@example.com", or under params in serverless.yml. To deploy without: --param="alarms=none"',
    'NO_ALARM_RECIPIENT',
  );
}
