import type { RequestListener } from 'node:http';
import { availableParallelism } from 'node:os';
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
import { buildWebhookUrl, type Endpoints } from './local-addresses.ts';
import type { LocalPipelineObserver } from './observer.ts';
import { readQueueContents, type QueueContents, readQueueCounts } from './queue-contents.ts';
import { startQueueReaders } from './event-sources.ts';
import { chooseConcurrency, type LocalConcurrency } from './local-concurrency.ts';
import { type IdleResult, waitUntilIdle } from './wait-until-idle.ts';
import { DECLARED_DESTINATIONS, readDeclaredDestinations } from './declared-destinations.ts';
import { reloadOnChange } from './reload.ts';
import { printServerlessConfiguration } from './serverless-print.ts';
import { startServices } from './services.ts';
import type { MockDestinations } from './mock-destinations.ts';
import { describeStack, getQueueById, type Stack } from './stack.ts';
import { StartError } from './start-error.ts';
import { describeConfigurationChange, watchConfiguration } from './watch-configuration.ts';
import { createDestinationBacklogs, type DestinationBacklogs } from './destination-backlogs.ts';
import { createWaitingDeliveries, type WaitingDeliveries } from './waiting-deliveries.ts';

/** The options of a local pipeline, and its observers. */
export interface LocalPipelineOptions extends LocalPipelineObserver {
  /** The folder of serverless.yml. */
  readonly projectFolder: string;
  /** What runs; by default, what serverless.yml declares for the stage local. */
  readonly stack?: Stack;
  /** The port of the HTTP API; 0, the default, for any free port. */
  readonly port?: number;
  /** Queues that are read in place of the merchant's consumers: logical ids, by destination name. */
  readonly consumers?: Readonly<Record<string, string>>;
  /** Handles requests for which serverless.yml declares no route; 404 by default. */
  readonly fallback?: RequestListener;
  /** Whether the functions are built and loaded again when their code changes, and changes of serverless.yml are reported. */
  readonly reload?: boolean;
  /** How many invocations this machine makes at once; by default chosen by the number of cores. */
  readonly concurrency?: LocalConcurrency;
}

/** A running local pipeline: everything that serverless.yml declares, on this machine. */
export interface LocalPipeline {
  readonly stack: Stack;
  readonly httpEndpoint: string;
  readonly endpoints: Endpoints;
  readonly functions: Functions;
  readonly mockDestinations: MockDestinations;
  /** Returns the messages on a queue, by the queue's logical id. */
  readQueue(id: string): Promise<QueueContents>;
  /** Counts all messages on each queue, by the queue's logical id. */
  readQueueCounts(): Promise<ReadonlyMap<string, number>>;
  /** The deliveries that wait for their next attempt, and their times. */
  readonly waitingDeliveries: Omit<WaitingDeliveries, 'disconnect'>;
  /**
   * Lets the functions wait less, for the pace and for open circuits, and their batches fill up for less
   * time. What waits hidden on a queue is changed by `waitingDeliveries`.
   * @param speed how many times faster than real time; 1 for real time
   */
  setSpeed(speed: number): void;
  /** The queues of the destinations, and which of them are paused. */
  readonly backlogs: Omit<DestinationBacklogs, 'disconnect'>;
  /**
   * Waits until no function is running and every queue that has a reader is empty: also of messages that
   * are hidden until the next attempt of their delivery.
   */
  waitUntilIdle(timeoutMs: number, pollIntervalMs?: number): Promise<IdleResult>;
  /** Waits up to 2 seconds for running invocations, then stops everything. Can be called again. */
  stop(): Promise<void>;
}

type Closers = (() => Promise<unknown>)[];

const STOP_TIMEOUT_MS = 2_000;
const POLL_INTERVAL_MS = 10;

/**
 * Starts the local pipeline: the emulators with the declared resources, the functions bundled as they
 * are deployed, the HTTP API, and the event sources. All of it is ready when the promise resolves.
 * @throws StartError when the developer has to fix something first; then nothing is left running
 */
export async function startLocalPipeline(options: LocalPipelineOptions): Promise<LocalPipeline> {
  const closers: Closers = [];
  try {
    return await start(options, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function start(options: LocalPipelineOptions, closers: Closers): Promise<LocalPipeline> {
  const { projectFolder, port = 0, consumers = {} } = options;
  const concurrency = options.concurrency ?? chooseConcurrency(availableParallelism());
  // checked first: otherwise a port in use would be reported only after the seconds that the rest takes
  await (await startLoopbackServer(port, () => {})).stop();
  const configuration =
    options.reload === true
      ? await watchConfiguration(projectFolder, (files) => options.onConfigurationChange?.(files))
      : null;
  closers.push(async () => configuration?.stop());
  const stack =
    options.stack ?? describeStack(await printServerlessConfiguration(projectFolder, 'local'));

  const bundler = await createBundler(projectFolder, stack.functions, stack.bundling);
  closers.push(() => bundler.stop());
  const build = await bundler.build();
  if (build.kind === 'failed') throw new StartError(build.text);

  const services = await startServices(
    stack,
    (request) => options.onRequestDelivered?.(fromMockRequest(request)),
    (call) => options.onAwsCall?.(call),
    (message) => options.onMessageSent?.(message),
  );
  closers.push(() => services.stop());
  const { endpoints, mockDestinations } = services;
  const { sqsEndpoint } = endpoints;

  // first, because the functions get its address; until they are there it has none to call
  let functions: Functions = new Map();
  const http = await startHttpApi(
    port,
    stack.functions,
    { get: (name) => functions.get(name) },
    undefined,
    options.fallback,
  );
  closers.push(() => http.stop());
  const addresses = { ...endpoints, webhookUrl: buildWebhookUrl(http.endpoint) };
  functions = createFunctions(stack, build.bundles, addresses, concurrency, {
    onLine(line) {
      if (!isMetricsLine(line.text)) options.onLine?.(line, parseLogLine(line.text));
    },
    onInvocation: (invocation) => options.onInvocation?.(invocation),
    ...(options.onRequestMade !== undefined && {
      onRequest: (request) => options.onRequestMade?.(request),
    }),
  });
  const endFunctions = (): Promise<unknown> =>
    Promise.all([...functions.values()].map((each) => each.stop()));
  closers.push(endFunctions);
  await warmUpAll(functions);

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
  const waitingDeliveries = createWaitingDeliveries({
    stack,
    services,
    isBeingProcessed: (messageId) => readers.isBeingProcessed(messageId),
    now: Date.now,
  });
  closers.push(async () => waitingDeliveries.disconnect());
  const backlogs = await createDestinationBacklogs({ stack, services, readers, now: Date.now });
  closers.push(async () => backlogs.disconnect());
  if (configuration !== null) {
    const destinationsAtStart = await readDeclaredDestinations(projectFolder);
    const observer: LocalPipelineObserver = {
      ...options,
      onError(text) {
        // code that needs a setting that was just added cannot start, and its error says to add it
        const files = configuration.changedFiles();
        const hint = files.length === 0 ? '' : `\n${describeConfigurationChange(files)}`;
        options.onError?.(text + hint);
      },
    };
    await reloadOnChange(bundler, functions, observer, async () => {
      // the queues and variables of another list do not exist before the next start
      const destinations = await readDeclaredDestinations(projectFolder);
      const isChanged = destinations !== null && destinations !== destinationsAtStart;
      configuration.setChanged(DECLARED_DESTINATIONS, isChanged);
      return !isChanged;
    });
  }

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
    mockDestinations,
    readQueue: (id) => readQueueContents(sqsEndpoint, getQueueById(stack, id).name, Date.now()),
    async readQueueCounts() {
      const counts = await readQueueCounts(sqsEndpoint);
      return new Map(stack.queues.map(({ id, name }) => [id, counts.get(name) ?? 0]));
    },
    waitingDeliveries,
    setSpeed(speed) {
      for (const lambda of functions.values()) lambda.setSpeed(speed);
      readers.setSpeed(speed);
    },
    backlogs,
    waitUntilIdle: (timeoutMs, pollIntervalMs) =>
      waitUntilIdle({ sqsEndpoint, queueNames, calls }, timeoutMs, pollIntervalMs),
    stop: () => (stopping ??= stopOnce()),
  };
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}
