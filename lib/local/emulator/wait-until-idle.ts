import { setTimeout as wait } from 'node:timers/promises';
import { readQueueCounts } from './queue-contents.ts';

/** Whether the pipeline is idle; if not, `busy` describes what is not, for a person. */
export type IdleResult =
  | { readonly isIdle: true }
  | { readonly isIdle: false; readonly busy: readonly string[] };

/** What decides whether the pipeline is idle. */
export interface IdleDeps {
  readonly sqsEndpoint: string;
  /** The names of the queues that have a reader. */
  readonly queueNames: readonly string[];
  /** How many invocations have begun so far, and how many of them are still running. */
  readonly calls: () => { readonly begun: number; readonly running: number };
}

const POLL_INTERVAL_MS = 20;

/**
 * Waits until no invocation is running and every queue with a reader is empty, delayed and in-flight
 * messages included. Then nothing happens without a new request.
 * @returns not idle when `timeoutMs` passed first; never rejects for that
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
  // an invocation that ran while the messages were counted may have sent one
  if (before.running > 0 || after.begun !== before.begun) busy.push('running invocations');
  return busy;
}
