import { setTimeout as wait } from 'node:timers/promises';
import { queueCounts } from './queue-contents.ts';

/** Whether everything has come to rest; if not, what is still going on, in words. */
export type Quiet =
  | { readonly quiet: true }
  | { readonly quiet: false; readonly stillGoingOn: readonly string[] };

/** What has to be looked at. */
export interface QuietDeps {
  readonly sqsEndpoint: string;
  /** The names of the queues that somebody reads. */
  readonly queueNames: readonly string[];
  /** How many calls have begun so far, and how many of them are not over. */
  readonly calls: () => { readonly begun: number; readonly running: number };
}

const LOOK_EVERY_MS = 20;

/**
 * Waits until no call is running and every queue that is read is empty, delayed messages and those in
 * flight included. Nothing can then happen without a new request from outside.
 */
export async function untilQuiet(deps: QuietDeps, limitMs: number): Promise<Quiet> {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    const stillGoingOn = await look(deps);
    if (stillGoingOn.length === 0) return { quiet: true };
    if (performance.now() >= endsAt) return { quiet: false, stillGoingOn };
    await wait(LOOK_EVERY_MS);
  }
}

async function look({ sqsEndpoint, queueNames, calls }: QuietDeps): Promise<string[]> {
  const before = calls();
  const counts = await queueCounts(sqsEndpoint);
  const after = calls();
  const busy = queueNames.flatMap((name) => {
    const count = counts.get(name) ?? 0;
    return count === 0 ? [] : [`${count} messages on ${name}`];
  });
  // a call that ran while the queues were counted may have put something on one of them
  if (before.running > 0 || after.begun !== before.begun) busy.push('calls of functions');
  return busy;
}
