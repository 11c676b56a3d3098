import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import type { PostToConsole } from '../command-line/operator-client.ts';
import type * as pauseModule from './pause.ts';
import {
  type AppliedDestinations,
  readCompiledResources,
  type Serverless,
  withClients,
  type Writers,
} from './serverless.ts';

/** What pausing a destination needs to know. osls names a function after service and stage. */
const PausableSchema = v.object({
  service: v.string(),
  provider: v.object({ stage: v.string(), region: v.string() }),
  resources: v.object({
    Resources: v.object({
      DeliveriesTable: v.object({ Properties: v.object({ TableName: v.string() }) }),
    }),
  }),
});
/** What a command of the plugin works with: osls, the destinations of the stage, how to print. */
export interface PauseHost {
  readonly serverless: Serverless;
  readonly applied: AppliedDestinations;
  readonly print: Writers['writeText'];
}

/** Runs the command `pause` or `resume`. */
export async function runPauseCommand(
  host: PauseHost,
  command: 'pause' | 'resume',
  { destination, reason }: PauseOptions,
): Promise<void> {
  const name = destination ?? '';
  await runTask(host, ({ pauseDestination, resumeDestination }, deps, stage) =>
    command === 'pause'
      ? pauseDestination(deps, stage, { name, reason: reason ?? null })
      : resumeDestination(deps, stage, name),
  );
}

/** The options of the commands, as osls reads them. */
export interface PauseOptions {
  readonly destination?: string;
  readonly reason?: string;
}

/**
 * Runs the command `pause` or `resume` in the stage local: the running `npm start` reads the queue no more,
 * and has the same row.
 */
export async function runLocalPause(
  { print }: PauseHost,
  command: 'pause' | 'resume',
  { destination = '' }: PauseOptions,
  post: PostToConsole,
): Promise<void> {
  const body = { destination, isPaused: command === 'pause' };
  print(v.parse(PauseResponseSchema, await post('/console/pause', body)).text);
}

const PauseResponseSchema = v.object({ text: v.string() });

/**
 * Makes the deploy that begins keep what is paused. Here and not while packaging: the template that osls
 * has in memory is the one that it uploads, also of a package that was made earlier, and `sls package`
 * needs no credentials.
 */
export async function keepPaused(host: PauseHost): Promise<void> {
  await runTask(host, async ({ disableMappings, readPaused }, { clients, print }, stage) => {
    const paused = await readPaused(clients, stage);
    const lines = disableMappings(readCompiledResources(host.serverless), stage, paused);
    for (const line of lines) print(line);
  });
}

/**
 * Pauses again what CloudFormation has resumed: after a rollback, or when somebody paused a destination
 * while the deploy was running. A deploy that is done does not fail when that cannot be checked.
 * @param isDeployed whether the stack has the destinations that are declared now; then the pauses of removed
 * ones end
 */
export async function restorePaused(host: PauseHost, isDeployed: boolean): Promise<void> {
  try {
    await runTask(host, async ({ removePausesOfRemoved, restorePauses }, deps, stage) => {
      await restorePauses(deps, stage);
      if (!isDeployed) return;
      const ids = host.applied.declarations.map(({ id }) => id);
      await removePausesOfRemoved(deps, stage, new Set(ids));
    });
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: String(error) };
    host.print(
      `Whether the paused destinations are still paused could not be checked: ${message} Look at the triggers of fanOut (Lambda console), and pause again what should be.`,
    );
  }
}

async function runTask(
  { serverless, applied, print }: PauseHost,
  run: (
    module: typeof pauseModule,
    deps: pauseModule.PauseDeps,
    stage: pauseModule.PausableStage,
  ) => Promise<void>,
): Promise<void> {
  // imported here, so that other commands do not wait for the AWS SDK
  const module = await import('./pause.ts');
  const { service, provider, resources } = v.parse(PausableSchema, serverless.configurationInput);
  const stage: pauseModule.PausableStage = {
    name: provider.stage,
    region: provider.region,
    functionName: `${service}-${provider.stage}-fanOut`,
    tableName: resources.Resources.DeliveriesTable.Properties.TableName,
    planned: applied.planned,
    declaredNames: applied.declarations.map(({ name }) => name),
  };
  try {
    await withClients(serverless, (clients) =>
      run(module, { clients, print, now: () => new Date(), sleep: setTimeout }, stage),
    );
  } catch (error) {
    if (!(error instanceof module.PauseError)) throw error;
    throw new serverless.classes.Error(error.message, 'PAUSE_FAILED');
  }
}
