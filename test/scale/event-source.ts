import type { SQSRecord } from 'aws-lambda';
import { ASSUMPTIONS } from './assumptions.ts';
import type { LambdaFunction } from './lambda.ts';
import { readBody, type Received, type SqsQueue } from './sqs-queue.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The settings of an event source mapping. */
export interface EventSourceSettings {
  readonly queueArn: string;
  readonly maximumConcurrency: number;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
}

/** The requests of Lambda's pollers to SQS, which the owner of the queue pays. */
export interface PollerCounts {
  /** While there is something to receive, the empty ones included. */
  receives: number;
  /** The empty ones of a place that waits for messages. */
  idleReceives: number;
  deletes: number;
}

/** An event source mapping. */
export interface EventSource {
  readonly counts: PollerCounts;
  /** Disabled: what is under way ends, and nothing more is received. */
  readonly setEnabled: (isEnabled: boolean) => void;
}

/** The dependencies of `startEventSource`. */
export interface EventSourceDeps {
  readonly clock: VirtualClock;
  readonly queue: SqsQueue;
  readonly fanOut: LambdaFunction;
  /** Gets each message that was deleted after it was processed. */
  readonly onDeleted: (received: Received) => void;
}

const MEGABYTE = 1_048_576;
/** Attributes and keys that an event has beside the body of a message. */
const MESSAGE_OVERHEAD_BYTES = 700;

/**
 * Starts a mapping with ReportBatchItemFailures: as many places as its maximum concurrency, each of which
 * gathers a batch, invokes the function and deletes what was processed.
 */
export function startEventSource(
  deps: EventSourceDeps,
  settings: EventSourceSettings,
): EventSource {
  const { clock, queue } = deps;
  const counts: PollerCounts = { receives: 0, idleReceives: 0, deletes: 0 };
  const state = { isEnabled: true };
  let onEnabled = Promise.withResolvers<void>();

  const waitForMessages = async (): Promise<void> => {
    if (queue.hasVisible()) return;
    const startMs = clock.nowMs();
    await new Promise<void>((resolve) => queue.onceVisible(resolve));
    if (!state.isEnabled) return;
    counts.idleReceives += Math.floor(
      (clock.nowMs() - startMs) / (ASSUMPTIONS.pollSeconds.value * 1_000),
    );
  };
  /** Waits for more messages until the window of a batch ends. */
  const waitForMore = (untilMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = clock.at(untilMs, resolve);
      queue.onceVisible(() => {
        clock.cancel(timer);
        resolve();
      });
    });
  const gather = async (): Promise<Received[]> => {
    await waitForMessages();
    const batch: Received[] = [];
    let bytes = 0;
    let endMs = Infinity;
    while (state.isEnabled && batch.length < settings.batchSize) {
      const received = queue.receive(settings.batchSize - batch.length);
      counts.receives += 1;
      if (received.length === 0 && batch.length === 0) {
        // another place was first, or too many are in flight
        await clock.wait(ASSUMPTIONS.pollSeconds.value * 50);
        return batch;
      }
      batch.push(...received);
      for (const { message } of received)
        bytes += readBody(message).length + MESSAGE_OVERHEAD_BYTES;
      if (bytes >= ASSUMPTIONS.batchMegabytes.value * MEGABYTE * 0.98) break;
      if (endMs === Infinity) endMs = clock.nowMs() + settings.batchWindowSeconds * 1_000;
      if (queue.hasVisible() && settings.batchWindowSeconds > 0) continue;
      if (clock.nowMs() >= endMs) break;
      await waitForMore(endMs);
      if (!queue.hasVisible()) break;
    }
    return batch;
  };
  const invoke = async (batch: readonly Received[]): Promise<void> => {
    const droppedAtMs = clock.nowMs() + queue.attributes.visibilitySeconds * 1_000;
    const event = { Records: batch.map((received) => toSqsRecord(received, settings.queueArn)) };
    let retrySeconds = 1;
    let result = await deps.fanOut.invoke(event);
    while (result.kind === 'throttled' && clock.nowMs() + retrySeconds * 1_000 < droppedAtMs) {
      await clock.wait(retrySeconds * 1_000);
      retrySeconds = Math.min(2 * retrySeconds, ASSUMPTIONS.throttleRetryMaxSeconds.value);
      result = await deps.fanOut.invoke(event);
    }
    if (result.kind === 'throttled') await clock.wait(droppedAtMs - clock.nowMs());
    // what is not deleted comes again after its visibility timeout
    if (result.kind !== 'response') return;
    const failed = new Set(
      result.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    );
    const processed = batch.filter(({ message }) => !failed.has(toMessageId(message.index)));
    counts.deletes += Math.ceil(processed.length / ASSUMPTIONS.batchRequestEntries.value);
    for (const received of processed) {
      if (queue.delete(received.receiptHandle)) deps.onDeleted(received);
    }
  };
  const runPlace = async (): Promise<void> => {
    for (;;) {
      if (!state.isEnabled) await onEnabled.promise;
      const batch = await gather();
      if (batch.length === 0) continue;
      await invoke(batch);
      await clock.wait(ASSUMPTIONS.slotGapMs.value);
    }
  };
  for (let place = 0; place < settings.maximumConcurrency; place += 1) void runPlace();

  return {
    counts,
    setEnabled(isEnabled) {
      state.isEnabled = isEnabled;
      if (!isEnabled) return;
      onEnabled.resolve();
      onEnabled = Promise.withResolvers();
    },
  };
}

function toMessageId(index: number): string {
  return `message-${index}`;
}

function toSqsRecord({ message, receiptHandle }: Received, eventSourceARN: string): SQSRecord {
  return {
    messageId: toMessageId(message.index),
    receiptHandle,
    body: readBody(message),
    attributes: {
      ApproximateReceiveCount: String(message.receives),
      SentTimestamp: String(message.sentAtMs),
      SenderId: 'AROAFANOUT:voucher-relay',
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: 'us-east-1',
  };
}
