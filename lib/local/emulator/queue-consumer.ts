import { setTimeout as wait } from 'node:timers/promises';
import type { SQSRecord } from 'aws-lambda';
import type { SourceQueue } from './lambda/source-queue.ts';

const LONG_POLL_SECONDS = 20;
const RECEIVE_LIMIT = 10;
const PAUSE_AFTER_ERROR_MS = 200;

/**
 * Reads a queue in place of the merchant's consumer: passes on each message, then deletes it.
 * @param stopped ends the reading; the messages of a receive that is still open stay on the queue
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
      // as any consumer does, it tries again when the queue does not respond
      await wait(PAUSE_AFTER_ERROR_MS);
    }
  }
}
