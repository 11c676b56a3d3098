import { setTimeout as wait } from 'node:timers/promises';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { QueueSource } from '../serverless-config/events.ts';
import { batchVerdict } from './batch-result.ts';
import { gatherBatch } from './collect-batch.ts';
import type { Invocation } from './invocation.ts';
import { createPlaces } from './places.ts';
import type { SourceQueue } from './source-queue.ts';
import { eventsWithinLimit } from './sqs-event.ts';

/** Lambda's reader of one queue for one function. */
export interface EventSource {
  /**
   * Takes nothing more from the queue, and resolves when every batch that was taken is settled.
   * What a receive still brings is given back.
   */
  stop(): Promise<void>;
}

/** What an event source needs. */
export interface EventSourceDeps {
  readonly queue: SourceQueue;
  /** Calls the function; it never rejects. */
  readonly invoke: (event: SQSEvent) => Promise<Invocation>;
  /** Gets what an operator should see, in a sentence. */
  readonly onTrouble: (text: string) => void;
}

const PAUSE_AFTER_FAULT_MS = 200;

/**
 * Starts reading a queue as Lambda's event source mapping does: it gathers a batch, calls the function,
 * deletes what is done, and leaves the rest to the queue's visibility timeout and redrive policy.
 * @param concurrency how many batches are worked on at once
 */
export function startEventSource(
  deps: EventSourceDeps,
  source: QueueSource,
  concurrency: number,
): EventSource {
  const places = createPlaces(concurrency);
  const unsettled = new Set<Promise<void>>();
  const stopped = new AbortController();

  const settle = async (event: SQSEvent): Promise<void> => {
    const { outcome } = await deps.invoke(event);
    const ids = event.Records.map((record) => record.messageId);
    const verdict = batchVerdict(outcome, ids, source.reportsItemFailures);
    if (verdict.failedBecause !== null) {
      deps.onTrouble(`A batch of ${ids.length} stays on its queue: ${verdict.failedBecause}`);
    }
    await deps.queue.remove(event.Records.filter(({ messageId }) => verdict.done.has(messageId)));
  };
  const settleAll = async (batch: readonly SQSRecord[]): Promise<void> => {
    for (const event of eventsWithinLimit(batch)) await settle(event);
  };
  const next = async (): Promise<void> => {
    const leave = await places.enter();
    const batch = stopped.signal.aborted
      ? []
      : await gatherBatch(deps.queue, source, stopped.signal, Date.now).catch(
          async (fault: unknown) => {
            if (!stopped.signal.aborted)
              deps.onTrouble(`The queue cannot be read: ${String(fault)}`);
            await wait(PAUSE_AFTER_FAULT_MS);
            return [];
          },
        );
    if (stopped.signal.aborted) {
      await deps.queue.release(batch);
      leave();
      return;
    }
    const settled = settleAll(batch)
      .catch((fault: unknown) => deps.onTrouble(`Messages cannot be deleted: ${String(fault)}`))
      .finally(() => {
        unsettled.delete(settled);
        leave();
      });
    unsettled.add(settled);
  };
  const read = async (): Promise<void> => {
    while (!stopped.signal.aborted) await next();
  };
  // after stopping, the service may be gone before the last receive has come back
  read().catch((fault: unknown) => {
    if (!stopped.signal.aborted) deps.onTrouble(`The queue is no longer read: ${String(fault)}`);
  });
  return {
    async stop() {
      stopped.abort();
      await Promise.all(unsettled);
    },
  };
}
