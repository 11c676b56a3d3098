import { setTimeout as wait } from 'node:timers/promises';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { QueueSource } from '../serverless-config/events.ts';
import pLimit from 'p-limit';
import { toBatchResult } from './batch-result.ts';
import { collectBatch } from './collect-batch.ts';
import type { Invocation } from './invocation.ts';
import type { SourceQueue } from './source-queue.ts';
import { splitIntoEvents } from './sqs-event.ts';

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
  readonly onError: (text: string) => void;
}

const PAUSE_AFTER_ERROR_MS = 200;

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
  const limit = pLimit(concurrency);
  const pending = new Set<Promise<void>>();
  const stopped = new AbortController();

  const processEvent = async (event: SQSEvent): Promise<void> => {
    const { result } = await deps.invoke(event);
    const ids = event.Records.map((record) => record.messageId);
    const batchResult = toBatchResult(result, ids, source.reportsItemFailures);
    if (batchResult.failureReason !== null) {
      deps.onError(`A batch of ${ids.length} stays on its queue: ${batchResult.failureReason}`);
    }
    await deps.queue.delete(
      event.Records.filter(({ messageId }) => batchResult.succeededIds.has(messageId)),
    );
  };
  const processBatch = async (batch: readonly SQSRecord[]): Promise<void> => {
    for (const event of splitIntoEvents(batch)) await processEvent(event);
  };
  const readBatch = (): Promise<SQSRecord[]> =>
    collectBatch(deps.queue, source, stopped.signal, Date.now).catch(async (error: unknown) => {
      if (!stopped.signal.aborted) deps.onError(`The queue cannot be read: ${String(error)}`);
      await wait(PAUSE_AFTER_ERROR_MS);
      return [];
    });
  const runBatch = async (onRead: () => void): Promise<void> => {
    const batch = stopped.signal.aborted ? [] : await readBatch();
    if (stopped.signal.aborted) {
      await deps.queue.release(batch);
      return;
    }
    const processing = processBatch(batch).catch((error: unknown) =>
      deps.onError(`Messages cannot be deleted: ${String(error)}`),
    );
    pending.add(processing);
    onRead();
    await processing;
    pending.delete(processing);
  };
  const readLoop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const { promise: isRead, resolve: onRead } = Promise.withResolvers<void>();
      // one batch is read at a time; the next one as soon as there is room to process it
      await Promise.race([isRead, limit(() => runBatch(onRead))]);
    }
  };
  // after stopping, the service may be gone before the last receive has come back
  readLoop().catch((error: unknown) => {
    if (!stopped.signal.aborted) deps.onError(`The queue is no longer read: ${String(error)}`);
  });
  return {
    async stop() {
      stopped.abort();
      await Promise.all(pending);
    },
  };
}
