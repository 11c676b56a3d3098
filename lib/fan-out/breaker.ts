/**
 * Spares a destination that is failing, and spares the others from waiting for it: after several
 * temporary failures in a row nothing is sent to it for a short time. Then one delivery tries; the
 * others wait on until it got through. Each execution environment learns this for itself.
 */
export interface Breaker {
  /** Null when a delivery may be tried now; else how long to wait, and what failed last. */
  pause(now: Date): { readonly ms: number; readonly because: string } | null;
  /**
   * Told of every outcome: null, or the reason of a temporary failure.
   * @returns whether that made it spare a destination that was not spared before
   */
  note(failure: string | null, now: Date): boolean;
}

const FAILURES_IN_A_ROW = 5;

/**
 * A breaker that lets deliveries through at first.
 * @param pauseMs how long a failing destination is spared at a time
 */
export function createBreaker(pauseMs: number): Breaker {
  let failures = 0;
  let because = '';
  let closedUntilMs = 0;
  return {
    pause(now) {
      if (failures < FAILURES_IN_A_ROW) return null;
      const ms = closedUntilMs - now.getTime();
      if (ms > 0) return { ms, because };
      // the caller is the one that tries; the next ones wait for what becomes of it
      closedUntilMs = now.getTime() + pauseMs;
      return null;
    },
    note(failure, now) {
      failures = failure === null ? 0 : failures + 1;
      because = failure ?? '';
      if (failures >= FAILURES_IN_A_ROW) closedUntilMs = now.getTime() + pauseMs;
      return failures === FAILURES_IN_A_ROW;
    },
  };
}
