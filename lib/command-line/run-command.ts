import * as v from 'valibot';
import type { PauseHost, PauseOptions } from '../stack/pause-commands.ts';
import { checkStage } from './check.ts';
import type { RelayCommand } from './commands.ts';
import type { CommandContext } from './context.ts';
import { type DeliveriesOptions, showDeliveries } from './deliveries.ts';
import { type EraseOptions, erasePerson } from './erase.ts';
import { CommandError, createDeployedOperator, createLocalOperator } from './operator-client.ts';
import { reconcile, type ReconcileOptions } from './reconcile.ts';
import { type ReleaseOptions, releaseDeliveries } from './release.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { showStatus } from './status.ts';
import { createTerminal } from './terminal.ts';

/** The options of all commands, as osls reads them. */
export type RelayOptions = DeliveriesOptions &
  ReleaseOptions &
  ReplayOptions &
  EraseOptions &
  ReconcileOptions &
  PauseOptions & { readonly json?: boolean };

const StageSchema = v.object({
  service: v.string(),
  provider: v.object({ stage: v.string(), region: v.string() }),
});

/**
 * Runs a command of the operator against the stage of osls: a deployed one, or the running `npm start`.
 * @throws an error of osls, which prints its message and ends with the exit code 1
 */
export async function runRelayCommand(
  host: PauseHost,
  command: RelayCommand,
  options: RelayOptions,
): Promise<void> {
  const { serverless, applied } = host;
  const { service, provider } = v.parse(StageSchema, serverless.configurationInput);
  const { stage: name, region } = provider;
  const isLocal = name === 'local';
  const stop = new AbortController();
  // the second Ctrl-C ends the process at once
  process.once('SIGINT', () => {
    stop.abort();
    process.stderr.write('\nStopping after the call under way ...\n');
  });
  const closers: (() => void)[] = [];
  try {
    if (command === 'pause' || command === 'resume') {
      const { runPauseCommand, runLocalPause } = await import('../stack/pause-commands.ts');
      await (isLocal
        ? runLocalPause(
            host,
            command,
            options,
            (await createLocalOperator(serverless.serviceDir)).post,
          )
        : runPauseCommand(host, command, options));
      return;
    }
    const openCall = async () => {
      if (isLocal) return (await createLocalOperator(serverless.serviceDir)).call;
      const { call, close } = createDeployedOperator(
        await serverless.getProvider('aws').getAwsSdkV3Config(),
        { stage: name, region, functionName: `${service}-${name}-operator` },
      );
      closers.push(close);
      return call;
    };
    const context: CommandContext = {
      call: await openCall(),
      terminal: createTerminal(process),
      stage: { name, region, isLocal },
      destinations: applied.planned.map(({ name: destination, id }) => ({
        name: destination,
        id,
        takesTests: applied.declarations.some(
          (each) => each.id === id && each.acceptsTestEvents && !each.retired,
        ),
      })),
      isJson: options.json === true,
      stopSignal: stop.signal,
    };
    await COMMANDS[command](context, options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new serverless.classes.Error(error.message, 'RELAY_COMMAND_FAILED');
  } finally {
    for (const close of closers) close();
  }
}

const COMMANDS: {
  readonly [Command in Exclude<RelayCommand, 'pause' | 'resume'>]: (
    context: CommandContext,
    options: RelayOptions,
  ) => Promise<void>;
} = {
  deliveries: showDeliveries,
  release: releaseDeliveries,
  status: showStatus,
  check: checkStage,
  replay,
  erase: erasePerson,
  reconcile,
};
