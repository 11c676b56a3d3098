import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fromMockRequest } from './delivered-requests.ts';
import {
  type CallCounts,
  countCalls,
  createFunctions,
  type Functions,
  warmUpAll,
} from './functions.ts';
import { startHttpApi } from './http/http-api.ts';
import { startLoopbackServer } from './http/loopback-server.ts';
import { isMetricsLine, parseLogLine } from '../../telemetry/log-lines.ts';
import { createBundler } from './lambda/bundler.ts';
import { chooseEnvironmentCount } from './lambda/machine.ts';
import type { Endpoints } from './local-addresses.ts';
import type { PipelineObserver } from './observer.ts';
import { readQueueContents, type QueueContents, readQueueCounts } from './queue-contents.ts';
import { startQueueReaders } from './event-sources.ts';
import { type IdleResult, waitUntilIdle } from './wait-until-idle.ts';
import { reloadOnChange } from './reload.ts';
import { printServerlessConfiguration } from './serverless-print.ts';
import { startServices } from './services.ts';
import type { MockDestinations } from './mock-destinations.ts';
import { describeStack, getQueueById, type Stack } from './stack.ts';
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
  readonly fallback?: RequestListener;
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
  readonly mockDestinations: MockDestinations;
  /** What is on a queue, by its logical id. */
  readQueue(id: string): Promise<QueueContents>;
  /** How many messages are on each queue in all, by the queue's logical id. */
  readQueueCounts(): Promise<ReadonlyMap<string, number>>;
  /** Changes the messages of a queue that are still delayed, by its logical id. */
  editDelayed(id: string, edit: EditMessage): void;
  /** Waits until no function is running and every queue that is read is empty. */
  waitUntilIdle(timeoutMs: number): Promise<IdleResult>;
  /** Lets running calls finish for a moment, then ends everything. Can be called again. */
  stop(): Promise<void>;
}

type Closers = (() => Promise<unknown>)[];

const STOP_TIMEOUT_MS = 2_000;
const POLL_INTERVAL_MS = 10;

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
  const concurrency = options.environmentsPerFunction ?? chooseEnvironmentCount();
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
    (request) => options.onRequestDelivered?.(fromMockRequest(request)),
    (call) => options.onAwsCall?.(call),
    (exchange) => options.onMockExchange?.(exchange),
    (message) => options.onMessageSent?.(message),
  );
  closers.push(() => services.stop());
  const { endpoints, mockDestinations } = services;
  const { sqsEndpoint } = endpoints;

  const functions = createFunctions(stack, build.bundles, endpoints, concurrency, {
    onLine(line) {
      if (!isMetricsLine(line.text)) options.onLine?.(line, parseLogLine(line.text));
    },
    onInvocation: (invocation) => options.onInvocation?.(invocation),
  });
  const endFunctions = (): Promise<unknown> =>
    Promise.all([...functions.values()].map((each) => each.stop()));
  closers.push(endFunctions);
  await warmUpAll(functions);

  const http = await startHttpApi(port, stack.functions, functions, undefined, options.fallback);
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

  const calls = (): CallCounts => countCalls(functions);
  const readQueueArns = new Set([
    ...stack.functions.flatMap(({ events }) => events.sources.map((source) => source.queueArn)),
    ...Object.values(consumers).map((id) => getQueueById(stack, id).arn),
  ]);
  const queueNames = stack.queues
    .filter(({ arn }) => readQueueArns.has(arn))
    .map(({ name }) => name);
  const stopOnce = async (): Promise<void> => {
    const readersStopped = readers.stop();
    const endsAt = performance.now() + STOP_TIMEOUT_MS;
    while (calls().running > 0 && performance.now() < endsAt) await wait(POLL_INTERVAL_MS);
    await endFunctions();
    await readersStopped;
    await closeAll(closers);
  };
  let stopping: Promise<void> | null = null;
  return {
    stack,
    httpEndpoint: http.endpoint,
    endpoints,
    functions,
    mockDestinations: mockDestinations,
    readQueue: (id) => readQueueContents(sqsEndpoint, getQueueById(stack, id).name, Date.now()),
    async readQueueCounts() {
      const counts = await readQueueCounts(sqsEndpoint);
      return new Map(stack.queues.map(({ id, name }) => [id, counts.get(name) ?? 0]));
    },
    editDelayed: (id, edit) => services.editDelayed(getQueueById(stack, id).name, edit),
    waitUntilIdle: (timeoutMs) => waitUntilIdle({ sqsEndpoint, queueNames, calls }, timeoutMs),
    stop: () => (stopping ??= stopOnce()),
  };
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}
