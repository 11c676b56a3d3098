import { createHash } from 'node:crypto';

/** A message that cannot be received yet. */
export interface DelayedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly visibleAtMs: number;
}

/** Gives back what is to become of a waiting message; null leaves it as it is. */
export type EditMessage = (
  message: DelayedMessage,
) => Pick<DelayedMessage, 'body' | 'visibleAtMs'> | null;

/** The part of the emulator's queue that is needed here. */
interface Queue {
  readonly delayedMessages: {
    readonly messageId: string;
    body: string;
    md5OfBody: string;
    delayUntil?: number;
  }[];
}

/** Changes the text and the time of a queue's delayed messages in place. AWS offers no such thing. */
export function editDelayedMessages(queue: Queue, edit: EditMessage): void {
  for (const message of queue.delayedMessages) {
    const { messageId, body, delayUntil = 0 } = message;
    const edited = edit({ messageId, body, visibleAtMs: delayUntil });
    if (edited === null) continue;
    message.body = edited.body;
    message.md5OfBody = createHash('md5').update(edited.body).digest('hex');
    message.delayUntil = edited.visibleAtMs;
  }
}
