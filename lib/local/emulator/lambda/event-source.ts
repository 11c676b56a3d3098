import { setTimeout as wait } from 'node:timers/promises';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import type { QueueSource } from '../serverless-config/events.ts';
import { toBatchResult } from './batch-result.ts';
import { collectBatch } from './collect-batch.ts';
import type { Invocation } from './invocation.ts';
import type { SourceQueue } from './source-queue.ts';
import { splitIntoEvents } from './sqs-event.ts';

/** A running event source mapping: it reads one queue for one function. */
export interface EventSource {
  /**
   * Stops reading, and resolves when every batch that was read is processed. Messages of a receive that
   * is still open are released to the queue.
   */
  stop(): Promise<void>;
}

/** The dependencies of an event source. */
export interface EventSourceDeps {
  readonly queue: SourceQueue;
  /** Invokes the function; never rejects. */
  readonly invoke: (event: SQSEvent) => Promise<Invocation>;
  /** Receives errors, each as one sentence for the developer. */
  readonly onError: (text: string) => void;
}

const PAUSE_AFTER_ERROR_MS = 200;

/**
 * Starts reading a queue as Lambda's event source mapping does: it collects a batch, invokes the function,
 * deletes the messages that succeeded, and leaves the others to the queue's visibility timeout and
 * redrive policy.
 * @param concurrency how many batches are processed at once
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
  // errors after the stop are expected: the emulator may have ended before the last receive returns
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
