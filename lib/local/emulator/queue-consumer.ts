import { setTimeout as wait } from 'node:timers/promises';
import type { SQSRecord } from 'aws-lambda';
import type { SourceQueue } from './lambda/source-queue.ts';

const LONG_POLL_SECONDS = 20;
const RECEIVE_LIMIT = 10;
const PAUSE_AFTER_ERROR_MS = 200;

/**
 * Stands in for the merchant's own program that reads a queue: each message is handed on, then deleted.
 * @param stopped ends it; a receive that is still open then comes to nothing
 */
export async function consume(
  queue: SourceQueue,
  onMessage: (message: SQSRecord) => void,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    try {
      const messages = await queue.receive(RECEIVE_LIMIT, LONG_POLL_SECONDS);
      for (const message of messages) onMessage(message);
      await queue.delete(messages);
    } catch {
      // like any consumer: a queue that does not answer is asked again
      await wait(PAUSE_AFTER_ERROR_MS);
    }
  }
}
