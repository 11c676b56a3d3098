import { setTimeout as wait } from 'node:timers/promises';
import type { SQSRecord } from 'aws-lambda';
import type { QueueSource } from '../serverless-config/events.ts';
import { MAX_BATCH_ENTRIES, type SourceQueue } from './source-queue.ts';

/** How long one receive waits for a first message (long polling). */
const LONG_POLL_SECONDS = 20;
const MS_PER_SECOND = 1_000;
const LAST_POLL_PAUSE_MS = 100;

/**
 * Collects one batch: the first messages that arrive and, if there is a batching window, all that arrive
 * within it, up to the batch size.
 * @param isStopped ends the collection early
 * @param nowMs the clock; the window begins with the first message
 * @returns an empty list when no message arrived within the long poll
 */
export async function collectBatch(
  queue: SourceQueue,
  source: QueueSource,
  isStopped: () => boolean,
  nowMs: () => number,
): Promise<SQSRecord[]> {
  const { batchSize, batchingWindowSeconds } = source;
  const batch = await queue.receive(Math.min(MAX_BATCH_ENTRIES, batchSize), LONG_POLL_SECONDS);
  if (batch.length === 0) return batch;
  const endsAtMs = nowMs() + batchingWindowSeconds * MS_PER_SECOND;
  while (batch.length < batchSize && !isStopped()) {
    const remainingMs = endsAtMs - nowMs();
    if (remainingMs <= 0) break;
    const waitSeconds = Math.min(LONG_POLL_SECONDS, Math.floor(remainingMs / MS_PER_SECOND));
    const more = await queue.receive(
      Math.min(MAX_BATCH_ENTRIES, batchSize - batch.length),
      waitSeconds,
    );
    batch.push(...more);
    // SQS waits for whole seconds only, so the last part of the window is waited for here
    if (more.length === 0 && waitSeconds === 0)
      await wait(Math.min(remainingMs, LAST_POLL_PAUSE_MS));
  }
  return batch;
}
