import type { Wait } from './attempt.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { NotAttempted } from './delivery.ts';
import type { Pace } from './pace.ts';

/** What decides about the next attempt of a batch. */
export interface Turns {
  readonly breaker: CircuitBreaker;
  readonly pace: Pace;
  /** The attempts that are under way, and how many there may be. */
  readonly running: ReadonlySet<Promise<unknown>>;
  readonly simultaneous: number;
  /** How long the next attempt can wait, in milliseconds; negative when there is no time for one. */
  readonly timeLeftMs: () => number;
}

/** Whether the next delivery may be attempted now, or why not in this invocation. */
export type Turn = { readonly kind: 'attempt'; readonly isProbe: boolean } | NotAttempted;

/** Waits until the pace and the circuit allow an attempt, as long as there is time for one. */
export async function waitForTurn(
  { now: readClock, wait }: { readonly now: () => Date; readonly wait: Wait },
  { breaker, pace, running, simultaneous, timeLeftMs }: Turns,
): Promise<Turn> {
  for (;;) {
    const now = readClock();
    const circuit = breaker.state(now);
    const circuitUntilMs = circuit.kind === 'open' ? circuit.until.getTime() : 0;
    const untilMs = Math.max(circuitUntilMs, pace.nextAtMs());
    const isFull = running.size >= simultaneous;
    const left = timeLeftMs();
    if (left >= 0 && untilMs <= now.getTime() && !isFull) {
      return { kind: 'attempt', isProbe: circuit.kind === 'half_open' };
    }
    if (left <= 0) {
      const until = new Date(untilMs);
      return circuit.kind === 'open'
        ? { kind: 'circuit_open', until, openedBy: circuit.openedBy }
        : { kind: 'insufficient_time', until };
    }
    if (isFull) await Promise.race(running);
    // a timer has whole milliseconds
    else await wait(Math.ceil(Math.min(untilMs - now.getTime(), left)));
  }
}
