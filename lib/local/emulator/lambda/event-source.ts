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
  /** Whether a message is in a batch that is collected, or that the function has. */
  isBeingProcessed(messageId: string): boolean;
  /**
   * Stops reading until it is resumed, as a disabled mapping does: batches that the function has end as
   * usual, and messages of a receive that is still open are released to the queue.
   */
  setPaused(isPaused: boolean): void;
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
  /** How many times faster batching windows end. */
  readonly speed?: () => number;
}

const PAUSE_AFTER_ERROR_MS = 200;

/**
 * Starts reading a queue as Lambda's event source mapping does: it collects a batch, invokes the function,
 * deletes the messages that succeeded, and leaves the others alone: it never changes a visibility timeout
 * after an invocation, so one that the function has set stays.
 * @param concurrency how many batches are processed at once
 */
export function startEventSource(
  deps: EventSourceDeps,
  source: QueueSource,
  concurrency: number,
): EventSource {
  const limit = pLimit(concurrency);
  const pending = new Set<Promise<void>>();
  const processedIds = new Set<string>();
  const stopped = new AbortController();
  /** Resolves when the source is resumed; null while it is not paused. */
  let resumed: PromiseWithResolvers<void> | null = null;
  const mayProcess = (): boolean => !stopped.signal.aborted && resumed === null;

  const processEvent = async (event: SQSEvent): Promise<void> => {
    const { result } = await deps.invoke(event);
    const ids = event.Records.map((record) => record.messageId);
    const batchResult = toBatchResult(result, ids, source.reportsItemFailures);
    // a batch that ends with its environment at the stop is no error
    if (batchResult.failureReason !== null && !stopped.signal.aborted) {
      deps.onError(`A batch of ${ids.length} stays on its queue: ${batchResult.failureReason}`);
    }
    await deps.queue.delete(
      event.Records.filter(({ messageId }) => batchResult.succeededIds.has(messageId)),
    );
  };
  const processBatch = async (batch: readonly SQSRecord[]): Promise<void> => {
    for (const event of splitIntoEvents(batch)) await processEvent(event);
  };
  const readBatch = async (): Promise<SQSRecord[]> => {
    const received: SQSRecord[] = [];
    const queue: SourceQueue = {
      ...deps.queue,
      async receive(count, waitSeconds) {
        const messages = await deps.queue.receive(count, waitSeconds);
        received.push(...messages);
        for (const { messageId } of messages) processedIds.add(messageId);
        return messages;
      },
    };
    try {
      const batchingWindowSeconds = source.batchingWindowSeconds / (deps.speed?.() ?? 1);
      const faster = { ...source, batchingWindowSeconds };
      return await collectBatch(queue, faster, () => !mayProcess(), Date.now);
    } catch (error) {
      if (!stopped.signal.aborted) deps.onError(`The queue cannot be read: ${String(error)}`);
      endBatch(received);
      await wait(PAUSE_AFTER_ERROR_MS);
      return [];
    }
  };
  const endBatch = (batch: readonly SQSRecord[]): void => {
    for (const { messageId } of batch) processedIds.delete(messageId);
  };
  const runBatch = async (onRead: () => void): Promise<void> => {
    const batch = mayProcess() ? await readBatch() : [];
    if (!mayProcess()) {
      await deps.queue.release(batch);
      endBatch(batch);
      return;
    }
    const processing = processBatch(batch).catch((error: unknown) =>
      deps.onError(`Messages cannot be deleted: ${String(error)}`),
    );
    pending.add(processing);
    onRead();
    await processing;
    pending.delete(processing);
    endBatch(batch);
  };
  const readLoop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const { promise: isRead, resolve: onRead } = Promise.withResolvers<void>();
      await resumed?.promise;
      // one batch is read at a time; the next one as soon as there is room to process it
      await Promise.race([isRead, limit(() => runBatch(onRead))]);
    }
  };
  // errors after the stop are expected: the emulator may have ended before the last receive returns
  readLoop().catch((error: unknown) => {
    if (!stopped.signal.aborted) deps.onError(`The queue is no longer read: ${String(error)}`);
  });
  return {
    isBeingProcessed: (messageId) => processedIds.has(messageId),
    setPaused(isPaused) {
      if (!isPaused) resumed?.resolve();
      resumed = isPaused ? (resumed ?? Promise.withResolvers<void>()) : null;
    },
    async stop() {
      stopped.abort();
      resumed?.resolve();
      await Promise.all(pending);
    },
  };
}
