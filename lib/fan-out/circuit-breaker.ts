/**
 * Spares a destination that is failing, and spares the others from waiting for it: after several
 * temporary failures in a row nothing is sent to it for a short time. Then one delivery tries; the
 * others wait on until it got through. Each execution environment learns this for itself.
 */
export interface CircuitBreaker {
  /** Asked before every delivery. */
  tryAcquire(now: Date): Permit;
  /**
   * Told of every outcome: null, or a temporary failure.
   * @returns whether that made it spare a destination that was not spared before
   */
  recordResult(failure: TransientFailure | null, now: Date): boolean;
}

/** Whether a delivery may be tried now. */
export type Permit =
  /** To be called when it was not tried after all, for example since it had been made before. */
  | { readonly isAllowed: true; readonly release: () => void }
  /** How long to wait, and what failed last. */
  | { readonly isAllowed: false; readonly openForMs: number; readonly reason: string };

/** A temporary failure as the breaker sees it. */
export interface TransientFailure {
  readonly reason: string;
  /** It took the whole time limit, for which it held up the batch that it was in. */
  readonly isTimeout: boolean;
}

const FAILURE_THRESHOLD = 5;
/** While a receiver hangs, each failure costs the others its whole time limit; one alone may be chance. */
const TIMEOUT_THRESHOLD = 2;

/**
 * A breaker that lets deliveries through at first.
 * @param openMs how long a failing destination is spared at a time, half of it more or less: when a
 * destination begins to hang, many environments notice it together, and would be held together again
 * @param random from 0 up to 1, asked for each pause
 */
export function createCircuitBreaker(openMs: number, random: () => number): CircuitBreaker {
  let failures = 0;
  let timeouts = 0;
  let isOpen = false;
  let reason = '';
  let openUntilMs = 0;
  const openFrom = (now: Date): void => {
    openUntilMs = now.getTime() + openMs * (0.5 + random());
  };
  return {
    tryAcquire(now) {
      if (!isOpen) return { isAllowed: true, release: () => {} };
      const openForMs = openUntilMs - now.getTime();
      if (openForMs > 0) return { isAllowed: false, openForMs, reason };
      // the caller is the one that tries; the next ones wait for what becomes of it
      openFrom(now);
      const release = (): void => {
        openUntilMs = now.getTime();
      };
      return { isAllowed: true, release };
    },
    recordResult(failure, now) {
      const wasOpen = isOpen;
      failures = failure === null ? 0 : failures + 1;
      timeouts = failure?.isTimeout === true ? timeouts + 1 : 0;
      const isThresholdReached = failures >= FAILURE_THRESHOLD || timeouts >= TIMEOUT_THRESHOLD;
      isOpen = failure !== null && (wasOpen || isThresholdReached);
      reason = failure?.reason ?? '';
      openFrom(now);
      return isOpen && !wasOpen;
    },
  };
}
