import { type Pipeline, startPipeline } from '../../lib/local/emulator/emulator.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';
import { MERCHANT_QUEUES, PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { HTTP_DESTINATIONS } from './destinations.ts';
import type { SeededRandom } from './seeded-random.ts';
import { toChaosStack } from './chaos-stack.ts';
import type { Trace } from './trace.ts';
import { createFaultyDestination } from './destination-faults.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { createIdempotencyFaults } from './idempotency-faults.ts';
import { createQueueFaults } from './queue-faults.ts';
import type { TraceObserver } from './trace-observer.ts';

/** A running pipeline with faults put in from outside. */
export interface FaultyPipeline {
  readonly pipeline: Pipeline;
  /** Lets the destination that was down come back. */
  restoreDestination(): void;
  stop(): Promise<void>;
}

const DELIVERY_TIMEOUT_MS = 1_000;
/** Room for an attempt, 2 seconds after it, and what the faults of the queues cost. */
const TIMEOUT_SECONDS = 7;
/** Longer than the function may run, as serverless.yml has it too. */
const VISIBILITY_TIMEOUT_SECONDS = 9;
/** What two processor cores can bear. */
const RECORDS_CONCURRENCY = 5;
const RETRIES_CONCURRENCY = 4;

/**
 * Starts the whole pipeline with faults: before SQS and DynamoDB, at the destinations, and by ending
 * execution environments.
 * @throws StartError when the pipeline cannot start; then nothing is left running
 */
export async function startFaultyPipeline(
  stack: Stack,
  scheduleDivisor: number,
  random: SeededRandom,
  trace: Trace,
  observer: TraceObserver,
): Promise<FaultyPipeline> {
  const sqsProxy = await startFaultProxy(createQueueFaults(random, trace));
  const dynamoProxy = await startFaultProxy(createIdempotencyFaults(random, trace));
  const stopProxies = async (): Promise<void> => {
    await Promise.all([sqsProxy.stop(), dynamoProxy.stop()]);
  };
  const pipeline = await startPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: toChaosStack(stack, {
      sqsEndpoint: sqsProxy.endpoint,
      dynamoEndpoint: dynamoProxy.endpoint,
      scheduleDivisor,
      timeoutMs: DELIVERY_TIMEOUT_MS,
      timeoutSeconds: TIMEOUT_SECONDS,
      visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
      recordsConcurrency: RECORDS_CONCURRENCY,
      retriesConcurrency: RETRIES_CONCURRENCY,
    }),
    consumers: MERCHANT_QUEUES,
    environmentsPerFunction: RECORDS_CONCURRENCY + RETRIES_CONCURRENCY,
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
