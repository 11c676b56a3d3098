/** A message that this run holds: hidden from everybody else until it is removed or given back. */
export interface Held {
  readonly body: string;
  readonly handle: string;
}

/** The queue that a run goes through. */
export interface SweptQueue {
  /** Takes up to ten messages, hidden for as long as a run can last. None does not mean empty. */
  readonly take: () => Promise<readonly Held[]>;
  readonly remove: (held: Held) => Promise<void>;
  /** Makes a message visible at once. */
  readonly giveBack: (held: Held) => Promise<void>;
}

/** What is to become of one message: moved on as another one, or left where it is. */
export interface Verdict<Finding> {
  readonly finding: Finding;
  /** Sends it on; resolves when it is safe there. Null leaves the message in the queue. */
  readonly move: (() => Promise<void>) | null;
}

export interface SweepOptions {
  /** How many messages to look at, at the most. */
  readonly limit: number;
  /** Moves nothing, and gives every message back. */
  readonly dryRun: boolean;
}

export interface Swept<Finding> {
  readonly findings: readonly Finding[];
  /**
   * Why the run ended: nothing more came, as many as asked for were seen, its time was up, or a
   * message could not be sent on or removed.
   */
  readonly endedBecause: 'empty' | 'limit' | 'time' | 'failure';
}

/** SQS answers from a sample of its servers, so that one empty answer says little. */
const EMPTY_TAKES_THAT_MEAN_EMPTY = 3;

/**
 * Goes once through a queue. A message is removed only after it was sent on, so that a run that is
 * stopped half way loses nothing and can be repeated; what is left is given back at the end, not
 * before, so that the run does not meet it again.
 * @param hasTime says whether there is time for ten more messages
 * @throws (rejects) when the queue cannot be read; what was held comes back by itself
 */
export async function sweep<Finding>(
  queue: SweptQueue,
  judge: (held: Held) => Verdict<Finding>,
  hasTime: () => boolean,
  { limit, dryRun }: SweepOptions,
): Promise<Swept<Finding>> {
  const findings: Finding[] = [];
  const left: Held[] = [];
  let emptyTakes = 0;
  try {
    while (emptyTakes < EMPTY_TAKES_THAT_MEAN_EMPTY) {
      if (findings.length >= limit) return { findings, endedBecause: 'limit' };
      if (!hasTime()) return { findings, endedBecause: 'time' };
      const taken = await queue.take();
      emptyTakes = taken.length === 0 ? emptyTakes + 1 : 0;
      const wanted = taken.slice(0, limit - findings.length);
      left.push(...taken.slice(wanted.length));
      const moves = await Promise.allSettled(
        wanted.map(async (held) => {
          const { finding, move } = judge(held);
          findings.push(finding);
          left.push(held);
          if (move === null || dryRun) return;
          await move();
          await queue.remove(held);
          left.splice(left.indexOf(held), 1);
        }),
      );
      if (moves.some(({ status }) => status === 'rejected')) {
        return { findings, endedBecause: 'failure' };
      }
    }
    return { findings, endedBecause: 'empty' };
  } finally {
    // what cannot be given back comes back when its time of hiding is over
    await Promise.allSettled(left.map((held) => queue.giveBack(held)));
  }
}
