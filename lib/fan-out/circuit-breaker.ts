/**
 * Spares a destination that is failing, and spares the others from waiting for it: after several
 * temporary failures in a row nothing is sent to it for a short time. Then one delivery tries; the
 * others wait on until it got through. Each execution environment learns this for itself.
 */
export interface Breaker {
  /** Asked before every delivery. */
  admit(now: Date): Admission;
  /**
   * Told of every outcome: null, or a temporary failure.
   * @returns whether that made it spare a destination that was not spared before
   */
  note(failure: TemporaryFailure | null, now: Date): boolean;
}

/** Whether a delivery may be tried now. */
export type Admission =
  /** To be called when it was not tried after all, for example since it had been made before. */
  | { readonly admitted: true; readonly untried: () => void }
  /** How long to wait, and what failed last. */
  | { readonly admitted: false; readonly ms: number; readonly because: string };

/** A temporary failure as the breaker sees it. */
export interface TemporaryFailure {
  readonly reason: string;
  /** It took the whole time limit, for which it held up the batch that it was in. */
  readonly hung: boolean;
}

const FAILURES_IN_A_ROW = 5;
/** While a receiver hangs, each failure costs the others its whole time limit; one alone may be chance. */
const HANGS_IN_A_ROW = 2;

/**
 * A breaker that lets deliveries through at first.
 * @param pauseMs how long a failing destination is spared at a time, half of it more or less: when a
 * destination begins to hang, many environments notice it together, and would be held together again
 * @param random from 0 up to 1, asked for each pause
 */
export function createBreaker(pauseMs: number, random: () => number): Breaker {
  let failures = 0;
  let hangs = 0;
  let spared = false;
  let because = '';
  let sparedUntilMs = 0;
  const spareFrom = (now: Date): void => {
    sparedUntilMs = now.getTime() + pauseMs * (0.5 + random());
  };
  return {
    admit(now) {
      if (!spared) return { admitted: true, untried: () => {} };
      const ms = sparedUntilMs - now.getTime();
      if (ms > 0) return { admitted: false, ms, because };
      // the caller is the one that tries; the next ones wait for what becomes of it
      spareFrom(now);
      const untried = (): void => {
        sparedUntilMs = now.getTime();
      };
      return { admitted: true, untried };
    },
    note(failure, now) {
      const before = spared;
      failures = failure === null ? 0 : failures + 1;
      hangs = failure?.hung === true ? hangs + 1 : 0;
      const enough = failures >= FAILURES_IN_A_ROW || hangs >= HANGS_IN_A_ROW;
      spared = failure !== null && (before || enough);
      because = failure?.reason ?? '';
      spareFrom(now);
      return spared && !before;
    },
  };
}
