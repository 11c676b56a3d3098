import { type Pipeline, startPipeline } from '../../lib/local/emulator/emulator.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';
import { MERCHANT_QUEUES, PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { HTTP_CAST } from './destinations.ts';
import type { Chance } from './seeded-random.ts';
import { chaosStack } from './chaos-stack.ts';
import type { Chronicle } from './trace.ts';
import { disturbedSink } from './destination-faults.ts';
import { startEdge } from './fault-proxy.ts';
import { ledgerFaults } from './ledger-faults.ts';
import { queueFaults } from './queue-faults.ts';
import type { Watch } from './trace-observer.ts';

/** A running pipeline with faults put in from outside. */
export interface DisturbedPipeline {
  readonly pipeline: Pipeline;
  /** Lets the destination that was down come back. */
  restore(): void;
  stop(): Promise<void>;
}

const TIME_LIMIT_MS = 1_000;
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
export async function startDisturbedPipeline(
  stack: Stack,
  scheduleDivisor: number,
  chance: Chance,
  chronicle: Chronicle,
  watching: Watch,
): Promise<DisturbedPipeline> {
  const sqsEdge = await startEdge(queueFaults(chance, chronicle));
  const dynamoEdge = await startEdge(ledgerFaults(chance, chronicle));
  const stopEdges = async (): Promise<void> => {
    await Promise.all([sqsEdge.stop(), dynamoEdge.stop()]);
  };
  const pipeline = await startPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: chaosStack(stack, {
      sqsEndpoint: sqsEdge.endpoint,
      dynamoEndpoint: dynamoEdge.endpoint,
      scheduleDivisor,
      timeLimitMs: TIME_LIMIT_MS,
      timeoutSeconds: TIMEOUT_SECONDS,
      visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
      recordsConcurrency: RECORDS_CONCURRENCY,
      retriesConcurrency: RETRIES_CONCURRENCY,
    }),
    consumers: MERCHANT_QUEUES,
    environmentsPerFunction: RECORDS_CONCURRENCY + RETRIES_CONCURRENCY,
    ...watching,
  }).catch(async (fault: unknown) => {
    await stopEdges();
    throw fault;
  });
  sqsEdge.leadTo(pipeline.endpoints.sqsEndpoint);
  dynamoEdge.leadTo(pipeline.endpoints.dynamoEndpoint);

  const kill = (invocation: string): void => {
    const fanOut = pipeline.functions.get('fanOut');
    const found = fanOut?.environments().find(({ requestId }) => requestId === invocation);
    if (found === undefined) return;
    watching.killed(invocation);
    void fanOut?.kill(found.id);
  };
  let down = true;
  const deps = { chance, chronicle, timeLimitMs: TIME_LIMIT_MS, kill, isDown: () => down };
  for (const { name } of HTTP_CAST) pipeline.sinks.behave(name, disturbedSink(deps, name));
  return {
    pipeline,
    restore() {
      down = false;
    },
    async stop() {
      await pipeline.stop();
      await stopEdges();
    },
  };
}
