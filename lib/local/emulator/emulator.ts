import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { sinkArrival } from './delivered-requests.ts';
import { type Calls, callsOf, createFunctions, type Functions, warmAll } from './functions.ts';
import { startHttpApi } from './http/http-api.ts';
import { startLoopbackServer } from './http/loopback-server.ts';
import { isMetricsLine, parseJournalLine } from './parse-log-line.ts';
import { createBundler } from './lambda/bundler.ts';
import { environmentsForThisMachine } from './lambda/machine.ts';
import type { Endpoints } from './local-addresses.ts';
import type { PipelineObserver } from './observer.ts';
import { queueContents, type QueueContents, queueCounts } from './queue-contents.ts';
import { startQueueReaders } from './event-sources.ts';
import { type Quiet, untilQuiet } from './wait-until-idle.ts';
import { reloadOnChange } from './reload.ts';
import { printServerlessConfiguration } from './serverless-print.ts';
import { startServices } from './services.ts';
import type { Sinks } from './mock-destinations.ts';
import { describeStack, queueById, type Stack } from './stack.ts';
import { StartError } from './start-error.ts';
import type { EditMessage } from './waiting-messages.ts';

/** How a pipeline is to be started, and who watches it. */
export interface PipelineOptions extends PipelineObserver {
  /** Where serverless.yml stands. */
  readonly projectFolder: string;
  /** What runs; serverless.yml is read for the stage local when it is left out. */
  readonly stack?: Stack;
  /** The port of the HTTP API; 0, the default, for any free one. */
  readonly port?: number;
  /** Queues that are read as their consumers would, by the name that arrivals get: logical ids. */
  readonly consumers?: Readonly<Record<string, string>>;
  /** Answers requests to the HTTP API for which serverless.yml declares no route. */
  readonly elsewhere?: RequestListener;
  /** Take up changes of the code while running. */
  readonly reload?: boolean;
  /** The most execution environments of a function; as many as the machine has cores by default. */
  readonly environmentsPerFunction?: number;
}

/** A running pipeline: everything that serverless.yml declares, on this machine. */
export interface Pipeline {
  readonly stack: Stack;
  readonly httpEndpoint: string;
  readonly endpoints: Endpoints;
  readonly functions: Functions;
  readonly sinks: Sinks;
  /** What is on a queue, by its logical id. */
  queue(id: string): Promise<QueueContents>;
  /** How many messages are on each queue in all, by the queue's logical id. */
  queueCounts(): Promise<ReadonlyMap<string, number>>;
  /** Changes the messages of a queue that are still delayed, by its logical id. */
  editDelayed(id: string, edit: EditMessage): void;
  /** Waits until no function is running and every queue that is read is empty. */
  quiet(limitMs: number): Promise<Quiet>;
  /** Lets running calls finish for a moment, then ends everything. Can be called again. */
  stop(): Promise<void>;
}

type Closers = (() => Promise<unknown>)[];

const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 10;

/**
 * Starts the pipeline: the embedded services with the declared resources, the functions bundled as they
 * are deployed, the HTTP API, and Lambda's queue readers. All of it is ready when this resolves.
 * @throws StartError when something has to be mended first; then nothing is left running
 */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const closers: Closers = [];
  try {
    return await start(options, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function start(options: PipelineOptions, closers: Closers): Promise<Pipeline> {
  const { projectFolder, port = 0, consumers = {} } = options;
  const concurrency = options.environmentsPerFunction ?? environmentsForThisMachine();
  // a port in use is told at once, not after the seconds that the rest takes
  await (await startLoopbackServer(port, () => {})).stop();
  const stack =
    options.stack ?? describeStack(await printServerlessConfiguration(projectFolder, 'local'));

  const bundler = await createBundler(projectFolder, stack.functions, stack.bundling);
  closers.push(() => bundler.stop());
  const build = await bundler.build();
  if (build.kind === 'faulty') throw new StartError(build.text);

  const services = await startServices(
    stack,
    (request) => options.onArrival?.(sinkArrival(request)),
    (call) => options.onAwsCall?.(call),
    (answer) => options.onSinkAnswer?.(answer),
    (message) => options.onSent?.(message),
  );
  closers.push(() => services.stop());
  const { endpoints, sinks } = services;
  const { sqsEndpoint } = endpoints;

  const functions = createFunctions(stack, build.bundles, endpoints, concurrency, {
    line(line) {
      if (!isMetricsLine(line.text)) options.onLine?.(line, parseJournalLine(line.text));
    },
    invocation: (invocation) => options.onInvocation?.(invocation),
  });
  const endFunctions = (): Promise<unknown> =>
    Promise.all([...functions.values()].map((each) => each.stop()));
  closers.push(endFunctions);
  await warmAll(functions);

  const http = await startHttpApi(port, stack.functions, functions, undefined, options.elsewhere);
  closers.push(() => http.stop());
  const readers = startQueueReaders(
    stack,
    functions,
    { sqsEndpoint, concurrency, consumers },
    options,
  );
  closers.push(async () => {
    await readers.stop();
    readers.disconnect();
  });
  if (options.reload === true) await reloadOnChange(bundler, functions, options);

  const calls = (): Calls => callsOf(functions);
  const readQueues = new Set([
    ...stack.functions.flatMap(({ events }) => events.sources.map((source) => source.queueArn)),
    ...Object.values(consumers).map((id) => queueById(stack, id).arn),
  ]);
  const queueNames = stack.queues.filter(({ arn }) => readQueues.has(arn)).map(({ name }) => name);
  const stopOnce = async (): Promise<void> => {
    const settled = readers.stop();
    const endsAt = performance.now() + GRACE_MS;
    while (calls().running > 0 && performance.now() < endsAt) await wait(LOOK_EVERY_MS);
    await endFunctions();
    await settled;
    await closeAll(closers);
  };
  let stopping: Promise<void> | null = null;
  return {
    stack,
    httpEndpoint: http.endpoint,
    endpoints,
    functions,
    sinks,
    queue: (id) => queueContents(sqsEndpoint, queueById(stack, id).name, Date.now()),
    async queueCounts() {
      const counts = await queueCounts(sqsEndpoint);
      return new Map(stack.queues.map(({ id, name }) => [id, counts.get(name) ?? 0]));
    },
    editDelayed: (id, edit) => services.editDelayed(queueById(stack, id).name, edit),
    quiet: (limitMs) => untilQuiet({ sqsEndpoint, queueNames, calls }, limitMs),
    stop: () => (stopping ??= stopOnce()),
  };
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}
