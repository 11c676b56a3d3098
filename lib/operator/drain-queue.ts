import type { ReplayStatus } from '../telemetry/statuses.ts';

/** A message that this run has received: hidden from others until it is deleted or released. */
export interface ReceivedMessage {
  readonly body: string;
  readonly handle: string;
  /** When the message was put on its queue. A redrive by SQS keeps the time of the first queue. */
  readonly sentAt: Date;
}

/** The queue that a run drains. */
export interface DrainableQueue {
  /** Receives up to ten messages, hidden for as long as a run can last. None does not mean empty. */
  readonly receiveMessages: () => Promise<readonly ReceivedMessage[]>;
  readonly deleteMessage: (message: ReceivedMessage) => Promise<void>;
  /** Makes a message visible at once. */
  readonly releaseMessage: (message: ReceivedMessage) => Promise<void>;
}

/** What to do with one message: send something instead of it, or leave it in its queue. */
export interface ReplayDecision<Result> {
  /** The id of its record; null when the message has none. */
  readonly id: string | null;
  readonly result: Result;
  /** Sends it on; resolves when SQS has stored it. Null leaves the message in its queue. */
  readonly send: (() => Promise<void>) | null;
}

/** How far a run goes. */
export interface DrainOptions {
  /** How many messages to receive at most. */
  readonly limit: number;
  /** Sends nothing, and releases every message. */
  readonly dryRun: boolean;
}

/** Why a run stopped: no more messages, its limit, its time, or a message that could not be moved. */
export const STOP_REASONS = ['empty', 'limit', 'time', 'error'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** The results of a run, without those of messages that could not be sent on, and why it stopped. */
export interface DrainResult<Result> {
  readonly results: readonly Result[];
  readonly stopReason: StopReason;
}

/** The dependencies of `drainQueue`. */
export interface DrainDeps<Result> {
  readonly queue: DrainableQueue;
  readonly decide: (message: ReceivedMessage) => ReplayDecision<Result>;
  /** When the run began. A message that was sent later is left: this run may have caused it. */
  readonly startedAt: Date;
  /** Called for each message that was sent on. */
  readonly onSent: (id: string | null, result: Result) => void;
  /** Whether there is time for ten more messages. */
  readonly hasTime: () => boolean;
}

/** SQS responds from a sample of its servers, so one empty receive does not mean an empty queue. */
const EMPTY_RECEIVES_BEFORE_STOP = 3;

/**
 * Drains a queue once: it decides about each message that was there when the run began, and about none
 * that came later. Otherwise a run would replay the dead letters that its own replays become.
 * A message is deleted only after it was sent on, so a run that is stopped loses nothing and can be
 * repeated. What stays is released at the end and not before, so that the run does not receive it again.
 * @throws (rejects) when the queue cannot be read; its messages become visible again by themselves
 */
export async function drainQueue<Result extends { readonly status: ReplayStatus }>(
  { queue, decide, startedAt, onSent, hasTime }: DrainDeps<Result>,
  { limit, dryRun }: DrainOptions,
): Promise<DrainResult<Result>> {
  const results: Result[] = [];
  const held: ReceivedMessage[] = [];
  let emptyReceives = 0;
  try {
    while (emptyReceives < EMPTY_RECEIVES_BEFORE_STOP) {
      if (results.length >= limit) return { results, stopReason: 'limit' };
      if (!hasTime()) return { results, stopReason: 'time' };
      const received = await queue.receiveMessages();
      if (received.length === 0) emptyReceives += 1;
      const { past = [], later = [] } = Object.groupBy(received, ({ sentAt }) =>
        sentAt <= startedAt ? 'past' : 'later',
      );
      if (past.length > 0) emptyReceives = 0;
      const selected = past.slice(0, limit - results.length);
      held.push(...later, ...past.slice(selected.length));
      held.push(...selected);
      const decided: (Result | null)[] = selected.map(() => null);
      const moves = await Promise.allSettled(
        selected.map(async (message, index) => {
          const { id, result, send } = decide(message);
          const isMoved = send !== null && !dryRun;
          if (isMoved) await send();
          // not earlier: the result says what was done
          decided[index] = result;
          if (!isMoved) return;
          onSent(id, result);
          await queue.deleteMessage(message);
          held.splice(held.indexOf(message), 1);
        }),
      );
      results.push(...decided.filter((result) => result !== null));
      if (moves.some(({ status }) => status === 'rejected')) {
        return { results, stopReason: 'error' };
      }
    }
    return { results, stopReason: 'empty' };
  } finally {
    // a message that cannot be released becomes visible after its visibility timeout
    await Promise.allSettled(held.map((message) => queue.releaseMessage(message)));
  }
}
