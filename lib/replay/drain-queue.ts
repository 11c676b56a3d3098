/** A message that this run holds: hidden from everybody else until it is removed or given back. */
export interface ReceivedMessage {
  readonly body: string;
  readonly handle: string;
}

/** The queue that a run goes through. */
export interface DrainableQueue {
  /** Takes up to ten messages, hidden for as long as a run can last. None does not mean empty. */
  readonly receive: () => Promise<readonly ReceivedMessage[]>;
  readonly delete: (held: ReceivedMessage) => Promise<void>;
  /** Makes a message visible at once. */
  readonly release: (held: ReceivedMessage) => Promise<void>;
}

/** What is to become of one message: moved on as another one, or left where it is. */
export interface ReplayDecision<Finding> {
  readonly result: Finding;
  /** Sends it on; resolves when it is safe there. Null leaves the message in the queue. */
  readonly send: (() => Promise<void>) | null;
}

export interface DrainOptions {
  /** How many messages to look at, at the most. */
  readonly limit: number;
  /** Moves nothing, and gives every message back. */
  readonly dryRun: boolean;
}

export interface DrainResult<Finding> {
  readonly results: readonly Finding[];
  /**
   * Why the run ended: nothing more came, as many as asked for were seen, its time was up, or a
   * message could not be sent on or removed.
   */
  readonly stopReason: 'empty' | 'limit' | 'time' | 'failure';
}

/** SQS answers from a sample of its servers, so that one empty answer says little. */
const EMPTY_RECEIVES_BEFORE_STOP = 3;

/**
 * Goes once through a queue. A message is removed only after it was sent on, so that a run that is
 * stopped half way loses nothing and can be repeated; what is left is given back at the end, not
 * before, so that the run does not meet it again.
 * @param hasTime says whether there is time for ten more messages
 * @throws (rejects) when the queue cannot be read; what was held comes back by itself
 */
export async function drainQueue<Finding>(
  queue: DrainableQueue,
  decide: (held: ReceivedMessage) => ReplayDecision<Finding>,
  hasTime: () => boolean,
  { limit, dryRun }: DrainOptions,
): Promise<DrainResult<Finding>> {
  const results: Finding[] = [];
  const held: ReceivedMessage[] = [];
  let emptyReceives = 0;
  try {
    while (emptyReceives < EMPTY_RECEIVES_BEFORE_STOP) {
      if (results.length >= limit) return { results, stopReason: 'limit' };
      if (!hasTime()) return { results, stopReason: 'time' };
      const received = await queue.receive();
      emptyReceives = received.length === 0 ? emptyReceives + 1 : 0;
      const selected = received.slice(0, limit - results.length);
      held.push(...received.slice(selected.length));
      const sends = await Promise.allSettled(
        selected.map(async (message) => {
          const { result, send } = decide(message);
          results.push(result);
          held.push(message);
          if (send === null || dryRun) return;
          await send();
          await queue.delete(message);
          held.splice(held.indexOf(message), 1);
        }),
      );
      if (sends.some(({ status }) => status === 'rejected')) {
        return { results, stopReason: 'failure' };
      }
    }
    return { results, stopReason: 'empty' };
  } finally {
    // what cannot be given back comes back when its time of hiding is over
    await Promise.allSettled(held.map((message) => queue.release(message)));
  }
}
