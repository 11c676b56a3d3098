import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { LOCAL_CREDENTIALS } from '../../lib/local/emulator/create-resources.ts';
import type { LocalPipeline } from '../../lib/local/emulator/local-pipeline.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';
import { DEAD_LETTERS_QUEUE, QUARANTINE_QUEUE, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import type { WebhookSample } from '../../lib/local/cli/samples.ts';
import { DESTINATIONS } from './destinations.ts';
import { createSeededRandom } from './seeded-random.ts';
import { increment, createTrace } from './trace.ts';
import { startFaultyPipeline } from './faulty-pipeline.ts';
import { type ParsedMessage, parseMessage } from './parse-message.ts';
import { reportProgress } from './progress.ts';
import { sendWebhooks } from './webhook-sender.ts';
import { checkGuarantees, type GuaranteeReport } from './check-guarantees.ts';
import { createTraceObserver } from './trace-observer.ts';
import { createWebhookFactory } from './webhooks.ts';

/** The options of a run. */
export interface ChaosOptions {
  readonly stack: Stack;
  readonly samples: readonly WebhookSample[];
  readonly seed: number;
  /** How many different webhooks are sent. */
  readonly webhookCount: number;
  /** Called with a line of progress every few seconds. */
  readonly onProgress: (text: string) => void;
}

/** The result of a run. */
export interface ChaosResult {
  readonly guarantees: GuaranteeReport;
  /** Different webhooks that got a 2xx, and those of them that were quarantined. */
  readonly acknowledged: number;
  readonly quarantined: number;
  /** Webhooks that the sender gave up after its last try. */
  readonly givenUpCount: number;
  /** Acknowledged posts of webhooks that had been posted before. */
  readonly repostedCount: number;
  /** The faults of the run and how often each occurred. */
  readonly injectedFaults: ReadonlyMap<string, number>;
  /** What was still busy at the end; empty when the pipeline was idle. */
  readonly unfinished: readonly string[];
}

const IDLE_TIMEOUT_MS = 900_000;
/** Rarely: counting the messages costs the emulator as much as a delivery. */
const IDLE_POLL_INTERVAL_MS = 500;
const MAX_DIVISOR = 300;
const MIN_DIVISOR = 20;
const WEBHOOKS_TIMES_DIVISOR = 600_000;

/**
 * Runs the whole pipeline with injected faults until it is idle, and checks the guarantees.
 * @throws StartError when the pipeline cannot start
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { stack, samples, seed } = options;
  const random = createSeededRandom(seed);
  const trace = createTrace();
  const observer = createTraceObserver(trace);
  const acknowledged = new Map<string, string>();
  let givenUpCount = 0;
  let repostedCount = 0;

  const faultyPipeline = await startFaultyPipeline(
    stack,
    chooseDivisor(options.webhookCount),
    random,
    trace,
    observer,
  );
  const { pipeline } = faultyPipeline;
  const progressStop = new AbortController();
  try {
    const describeSent = (): string =>
      `${acknowledged.size} of ${options.webhookCount} acknowledged`;
    void reportProgress(pipeline, describeSent, options.onProgress, progressStop.signal);
    await sendWebhooks(
      {
        url: pipeline.httpEndpoint + WEBHOOK_PATH,
        random,
        makeWebhook: createWebhookFactory(samples, random),
        onAcknowledged(recordId, status, isRepeat) {
          acknowledged.set(recordId, status);
          if (!isRepeat) return;
          repostedCount += 1;
          increment(trace.redeliveries, recordId);
        },
        onGivenUp() {
          givenUpCount += 1;
        },
      },
      options.webhookCount,
    );
    faultyPipeline.restoreDestination();
    const idle = await pipeline.waitUntilIdle(IDLE_TIMEOUT_MS, IDLE_POLL_INTERVAL_MS);
    const quarantinedMessages = await readMessages(pipeline, QUARANTINE_QUEUE);
    const guarantees = checkGuarantees({
      trace,
      destinations: DESTINATIONS,
      acknowledged,
      consumedCounts: observer.consumedCounts,
      deadLetters: await readMessages(pipeline, DEAD_LETTERS_QUEUE),
      quarantined: new Set(quarantinedMessages.map(({ recordId }) => recordId)),
      rowStates: await readRowStates(pipeline),
    });
    return {
      guarantees,
      acknowledged: acknowledged.size,
      quarantined: [...acknowledged.values()].filter((status) => status !== 'queued').length,
      givenUpCount,
      repostedCount,
      injectedFaults: trace.injectedFaults,
      unfinished: idle.isIdle ? [] : idle.busy,
    };
  } finally {
    progressStop.abort();
    await faultyPipeline.stop();
  }
}

/** A longer run needs a smaller divisor: the scaled maximum age must outlast it (24 minutes for 10,000 webhooks). */
function chooseDivisor(webhookCount: number): number {
  return Math.min(MAX_DIVISOR, Math.max(MIN_DIVISOR, WEBHOOKS_TIMES_DIVISOR / webhookCount));
}

/** Reads the whole table; a program on AWS never does. */
async function readRowStates({
  endpoints,
  stack,
}: LocalPipeline): Promise<ReadonlyMap<string, string>> {
  const { region, tables } = stack;
  const client = new DynamoDBClient({
    endpoint: endpoints.dynamoEndpoint,
    region,
    credentials: LOCAL_CREDENTIALS,
  });
  const states = new Map<string, string>();
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: tables[0]?.name })) {
      for (const { id, destination, state } of Items) {
        if (state?.S !== undefined) states.set(`${destination?.S} ${id?.S}`, state.S);
      }
    }
  } finally {
    client.destroy();
  }
  return states;
}

async function readMessages(pipeline: LocalPipeline, queueId: string): Promise<ParsedMessage[]> {
  const { ready, delayed, inFlight } = await pipeline.readQueue(queueId);
  return [...ready, ...delayed, ...inFlight].flatMap(({ body }) => parseMessage(body) ?? []);
}
