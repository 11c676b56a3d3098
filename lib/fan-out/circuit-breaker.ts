import type { Failure } from '../destinations/outcome.ts';

/**
 * The circuit breaker of one destination in one execution environment. Closed: every delivery is
 * attempted. After several transient failures in a row it opens: nothing is sent for a short time, so
 * that other deliveries do not wait for a destination that is down. Half-open: one delivery is
 * attempted, and its outcome closes the circuit or opens it again.
 */
export interface CircuitBreaker {
  /** Returns whether a delivery may be attempted now. */
  tryAcquire(now: Date): Permit;
  /**
   * Records the outcome of an attempt.
   * @param failure of a transient kind; null for every other outcome
   * @returns whether that opened a circuit that was closed
   */
  reportOutcome(failure: Failure | null, now: Date): boolean;
}

/** Whether a delivery may be attempted now. */
export type Permit =
  /** `release` returns the permit when no attempt was made, for example for a duplicate. */
  | { readonly isAllowed: true; readonly release: () => void }
  /** For how long the circuit stays open, and the failure that opened it. */
  | { readonly isAllowed: false; readonly openForMs: number; readonly failure: Failure };

const FAILURE_THRESHOLD = 5;
/** A timeout holds up its whole batch, so fewer of them open the circuit; a single one may be chance. */
const TIMEOUT_THRESHOLD = 2;

/**
 * Creates a circuit breaker, closed.
 * @param openMs how long it stays open, times 0.5 to 1.5: many environments notice a destination that
 * hangs at the same moment, and must not all probe it together
 * @param random from 0 up to 1
 */
export function createCircuitBreaker(openMs: number, random: () => number): CircuitBreaker {
  let failures = 0;
  let timeouts = 0;
  let openedBy: Failure | null = null;
  let openUntilMs = 0;
  const openFrom = (now: Date): void => {
    openUntilMs = now.getTime() + openMs * (0.5 + random());
  };
  return {
    tryAcquire(now) {
      if (openedBy === null) return { isAllowed: true, release: () => {} };
      const openForMs = openUntilMs - now.getTime();
      if (openForMs > 0) return { isAllowed: false, openForMs, failure: openedBy };
      // half-open: this caller probes, the next ones wait for its outcome
      openFrom(now);
      const release = (): void => {
        openUntilMs = now.getTime();
      };
      return { isAllowed: true, release };
    },
    reportOutcome(failure, now) {
      const wasOpen = openedBy !== null;
      failures = failure === null ? 0 : failures + 1;
      timeouts = failure?.reason === 'timeout' ? timeouts + 1 : 0;
      const isOverThreshold = failures >= FAILURE_THRESHOLD || timeouts >= TIMEOUT_THRESHOLD;
      openedBy = wasOpen || isOverThreshold ? failure : null;
      openFrom(now);
      return openedBy !== null && !wasOpen;
    },
  };
}
