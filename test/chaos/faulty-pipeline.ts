import { type LocalPipeline, startLocalPipeline } from '../../lib/local/emulator/local-pipeline.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';
import { MERCHANT_QUEUES, PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { BATCH_DESTINATION, HTTP_DESTINATIONS } from './destinations.ts';
import type { SeededRandom } from './seeded-random.ts';
import { toChaosStack } from './chaos-stack.ts';
import type { Trace } from './trace.ts';
import { createFaultyBatchDestination, createFaultyDestination } from './destination-faults.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { createTableFaults } from './table-faults.ts';
import { createQueueFaults } from './queue-faults.ts';
import type { TraceObserver } from './trace-observer.ts';

/** A running pipeline with injected faults. */
export interface FaultyPipeline {
  readonly pipeline: LocalPipeline;
  /** Ends the outage of the destination that is down. */
  restoreDestination(): void;
  stop(): Promise<void>;
}

const DELIVERY_TIMEOUT_MS = 1_000;
/** Long enough for an attempt, what fanOut reserves beside it, and the repeated calls that faults cause. */
const TIMEOUT_SECONDS = 15;
/** Longer than the function's timeout, as in serverless.yml. */
const VISIBILITY_TIMEOUT_SECONDS = 18;
/** As many as two CPU cores can run. */
const RECORDS_CONCURRENCY = 2;
/** How many webhooks receive handles at the same time. */
const REQUESTS_CONCURRENCY = 3;
const DELIVERIES_CONCURRENCY = 2;

/**
 * Starts the whole pipeline with faults: of SQS and DynamoDB, of the destinations, and by killing execution
 * environments.
 * @throws StartError when the pipeline cannot start. Nothing is left running then.
 */
export async function startFaultyPipeline(
  stack: Stack,
  scheduleDivisor: number,
  random: SeededRandom,
  trace: Trace,
  observer: TraceObserver,
): Promise<FaultyPipeline> {
  const sqsProxy = await startFaultProxy(createQueueFaults(random, trace));
  const dynamoProxy = await startFaultProxy(createTableFaults(random, trace));
  const stopProxies = async (): Promise<void> => {
    await Promise.all([sqsProxy.stop(), dynamoProxy.stop()]);
  };
  const pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: toChaosStack(stack, {
      sqsEndpoint: sqsProxy.endpoint,
      dynamoEndpoint: dynamoProxy.endpoint,
      scheduleDivisor,
      timeoutMs: DELIVERY_TIMEOUT_MS,
      timeoutSeconds: TIMEOUT_SECONDS,
      visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
      recordsConcurrency: RECORDS_CONCURRENCY,
      deliveriesConcurrency: DELIVERIES_CONCURRENCY,
    }),
    consumers: MERCHANT_QUEUES,
    concurrency: {
      requests: REQUESTS_CONCURRENCY,
      perQueue: Math.max(RECORDS_CONCURRENCY, DELIVERIES_CONCURRENCY),
    },
    ...observer,
  }).catch(async (error: unknown) => {
    await stopProxies();
    throw error;
  });
  sqsProxy.setTarget(pipeline.endpoints.sqsEndpoint);
  dynamoProxy.setTarget(pipeline.endpoints.dynamoEndpoint);

  const kill = (invocationId: string): void => {
    const fanOut = pipeline.functions.get('fanOut');
    const environment = fanOut?.environments().find(({ requestId }) => requestId === invocationId);
    if (environment === undefined) return;
    observer.noteKilled(invocationId);
    void fanOut?.kill(environment.id);
  };
  let isDestinationDown = true;
  const deps = {
    random,
    trace,
    timeoutMs: DELIVERY_TIMEOUT_MS,
    kill,
    isDown: () => isDestinationDown,
  };
  for (const { name } of HTTP_DESTINATIONS)
    pipeline.mockDestinations.setBehaviour(name, createFaultyDestination(deps, name));
  const { name: batchName } = BATCH_DESTINATION;
  pipeline.mockDestinations.setBehaviour(batchName, createFaultyBatchDestination(deps, batchName));
  return {
    pipeline,
    restoreDestination() {
      isDestinationDown = false;
    },
    async stop() {
      await pipeline.stop();
      await stopProxies();
    },
  };
}
