import * as v from 'valibot';
import { readDestinations, DestinationsError, applyDestinations } from './apply-destinations.ts';
import { localizeDestinations } from './local-destinations.ts';
import type { InvokeServices } from '../local/cli/invoke-services.ts';

/** The parts of osls that are used here; it brings no types of its own. */
interface Serverless {
  readonly serviceDir: string;
  /** The configuration; all its variables are resolved when the hook `initialize` runs. */
  readonly configurationInput: unknown;
  readonly processedInput: { readonly commands: readonly string[] };
  /** Its errors are shown without a stack trace. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

interface Writers {
  readonly writeText: (text: string) => void;
}

type Hooks = Readonly<Record<string, () => Promise<void>>>;

const LocalStageSchema = v.object({ provider: v.object({ stage: v.literal('local') }) });
/** A stage whose alarms reach somebody, or that says that they need not. */
const AlarmRecipientSchema = v.object({
  custom: v.object({
    alarms: v.union([
      v.object({ wanted: v.literal('none') }),
      v.object({ wanted: v.literal('mail'), email: v.pipe(v.string(), v.email()) }),
    ]),
  }),
});
const INVOKE_COMMAND = 'invoke local';
const DEPLOY_COMMANDS = new Set(['deploy', 'deploy function']);
/** What makes a stack; `deploy function` only exchanges the code of one. */
const STACK_COMMANDS = new Set(['package', 'deploy']);
/** What would lead the SDK to the developer's own account. */
const AWS_CREDENTIAL_VARIABLES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN'];

/**
 * Does for this service what serverless.yml cannot say. In every stage it hands `custom.destinations`
 * to fanOut's environment and role. It makes the stage `local` work with nothing but this machine:
 * `sls invoke local` finds the embedded services, and deploying is refused. For every other stage it
 * refuses a stack whose alarms nobody would hear.
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
  // serverless-esbuild points `serviceDir` to its build folder later on
  const { serviceDir } = serverless;
  let services: InvokeServices | null = null;
  return {
    async 'before:invoke:local:invoke'() {
      // loaded here, because every other command would wait for it too
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
      // serverless-esbuild leaves esbuild running when a call fails, and the command would never end
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

/** Before osls looks for credentials, which are not needed and could be the developer's own. */
function clearAwsCredentials(): void {
  for (const name of AWS_CREDENTIAL_VARIABLES) delete process.env[name];
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
}

function rejectLocalDeploy({ classes }: Serverless, command: string): never {
  throw new classes.Error(
    `The stage local is for this machine and is never deployed. Say where to, for example: npx sls ${command} --stage prod --region eu-west-1`,
    'LOCAL_STAGE_NOT_DEPLOYABLE',
  );
}

function requireAlarmRecipient({ classes, configurationInput }: Serverless): void {
  if (v.is(AlarmRecipientSchema, configurationInput)) return;
  throw new classes.Error(
    'The alarms of this stage have no recipient. Name one: --param="alarmEmail=you@example.com", or under params in serverless.yml. If nobody needs to: --param="alarms=none"',
    'NO_ALARM_RECIPIENT',
  );
}
