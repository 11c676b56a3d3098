import type { Failure } from '../destinations/outcome.ts';

/**
 * The circuit breaker of one destination in one execution environment. Closed: deliveries are attempted.
 * After several failures in a row it opens: nothing is sent for a short time, so that the deliveries of a
 * destination that is down do not use up their attempts. Half-open: one delivery is attempted, and its
 * outcome closes the circuit or opens it again.
 */
export interface CircuitBreaker {
  /** The state at this time. */
  state(now: Date): CircuitState;
  /**
   * Records the outcome of an attempt.
   * @param deliveryId which delivery it was
   * @param failure of a transient kind; null for every other outcome
   * @returns whether that opened a circuit that was closed
   */
  reportOutcome(deliveryId: string, failure: Failure | null, now: Date): boolean;
}

/** The state of a circuit. An open one has the failure that opened it last. */
export type CircuitState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: Date; readonly openedBy: Failure }
  | { readonly kind: 'half_open'; readonly openedBy: Failure };

const FAILURE_THRESHOLD = 5;
/** One delivery that always fails says nothing about its destination. */
const DELIVERIES_THRESHOLD = 3;

/**
 * Creates a circuit breaker, closed.
 * @param openMs how long it stays open, times 0.5 to 1.5: many environments notice a destination that
 * is down at the same moment, and must not all probe it together
 * @param random from 0 up to 1
 */
export function createCircuitBreaker(openMs: number, random: () => number): CircuitBreaker {
  let failures = 0;
  let failedIds = new Set<string>();
  let openedBy: Failure | null = null;
  let openUntilMs = 0;
  const open = (failure: Failure, now: Date): void => {
    openedBy = failure;
    // whole milliseconds, as a Date has them: at the time that it names the circuit is half-open
    openUntilMs = now.getTime() + Math.round(openMs * (0.5 + random()));
  };
  return {
    state(now) {
      if (openedBy === null) return { kind: 'closed' };
      if (now.getTime() >= openUntilMs) return { kind: 'half_open', openedBy };
      return { kind: 'open', until: new Date(openUntilMs), openedBy };
    },
    reportOutcome(deliveryId, failure, now) {
      if (failure === null) {
        failures = 0;
        failedIds = new Set();
        openedBy = null;
        return false;
      }
      failures += 1;
      if (failedIds.size < DELIVERIES_THRESHOLD) failedIds.add(deliveryId);
      if (openedBy !== null) {
        // an attempt that began before the circuit opened says nothing new
        if (now.getTime() >= openUntilMs) open(failure, now);
        return false;
      }
      if (failures < FAILURE_THRESHOLD || failedIds.size < DELIVERIES_THRESHOLD) return false;
      open(failure, now);
      return true;
    },
  };
}
