import { setTimeout as wait } from 'node:timers/promises';
import { readQueueCounts } from './queue-contents.ts';

/** Whether everything has come to rest; if not, what is still going on, in words. */
export type IdleResult =
  | { readonly isIdle: true }
  | { readonly isIdle: false; readonly busy: readonly string[] };

/** What has to be looked at. */
export interface IdleDeps {
  readonly sqsEndpoint: string;
  /** The names of the queues that somebody reads. */
  readonly queueNames: readonly string[];
  /** How many calls have begun so far, and how many of them are not over. */
  readonly calls: () => { readonly begun: number; readonly running: number };
}

const POLL_INTERVAL_MS = 20;

/**
 * Waits until no call is running and every queue that is read is empty, delayed messages and those in
 * flight included. Nothing can then happen without a new request from outside.
 */
export async function waitUntilIdle(
  deps: IdleDeps,
  timeoutMs: number,
  pollIntervalMs: number = POLL_INTERVAL_MS,
): Promise<IdleResult> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const busy = await findBusy(deps);
    if (busy.length === 0) return { isIdle: true };
    if (performance.now() >= endsAt) return { isIdle: false, busy };
    await wait(pollIntervalMs);
  }
}

async function findBusy({ sqsEndpoint, queueNames, calls }: IdleDeps): Promise<string[]> {
  const before = calls();
  const counts = await readQueueCounts(sqsEndpoint);
  const after = calls();
  const busy = queueNames.flatMap((name) => {
    const count = counts.get(name) ?? 0;
    return count === 0 ? [] : [`${count} messages on ${name}`];
  });
  // a call that ran while the queues were counted may have put something on one of them
  if (before.running > 0 || after.begun !== before.begun) busy.push('calls of functions');
  return busy;
}
