/** When a delivery that failed is tried again, and when it is given up. */
export interface RetrySchedule {
  /** The wait after the first failed attempt, after the second, and so on. */
  readonly waitsSeconds: readonly number[];
  /** How old a delivery may become, counted from its first attempt. */
  readonly maxAgeSeconds: number;
  /** How long a destination that failed several times in a row is spared at a time, half of it more or less. */
  readonly breakerPauseSeconds: number;
}

/** Soon at first, for a hiccup; then up to a day, for an outage that somebody has to mend. */
export const RETRY_SCHEDULE: RetrySchedule = {
  //             5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h, 8 h
  waitsSeconds: [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800],
  maxAgeSeconds: 86_400,
  breakerPauseSeconds: 30,
};

/** So that deliveries that failed together do not come back together. */
const JITTER = 0.2;
/** The last wait ends this part of the whole age early, so that one more attempt fits in. */
const KEPT_FOR_LAST_ATTEMPT = 0.01;
/** A wait that uses up no attempt grows with the age: after an outage, nothing waits a tenth longer. */
const WAIT_PER_AGE = 0.1;

/** What is known of a delivery when its next wait is asked for. */
export interface Waiting {
  /** The number of the attempt that failed, or that was held back. */
  readonly attempt: number;
  readonly usesAttempt: boolean;
  readonly ageSeconds: number;
  /** No earlier than this: the receiver's own wish, or the rest of a pause. */
  readonly atLeastSeconds: number;
}

/** What follows: another attempt after that time, or none. */
export type NextAttempt =
  | { readonly kind: 'again'; readonly attempt: number; readonly inSeconds: number }
  | { readonly kind: 'never'; readonly because: 'attempts_used_up' | 'too_old' };

/**
 * Decides when a delivery is tried again.
 * @param random a number from 0 up to 1, for the jitter of 20 % either way
 */
export function nextAttempt(
  schedule: RetrySchedule,
  waiting: Waiting,
  random: number,
): NextAttempt {
  const { attempt, usesAttempt, ageSeconds, atLeastSeconds } = waiting;
  const scheduled = schedule.waitsSeconds[attempt - 1];
  if (scheduled === undefined && usesAttempt) return { kind: 'never', because: 'attempts_used_up' };
  const leftSeconds = schedule.maxAgeSeconds * (1 - KEPT_FOR_LAST_ATTEMPT) - ageSeconds;
  if (leftSeconds <= 0) return { kind: 'never', because: 'too_old' };

  const first = schedule.waitsSeconds[0] ?? 0;
  const own = usesAttempt ? (scheduled ?? 0) : Math.max(first, ageSeconds * WAIT_PER_AGE);
  const jittered = own * (1 - JITTER + 2 * JITTER * random);
  const wanted = Math.max(jittered, atLeastSeconds * (1 + JITTER * random));
  return {
    kind: 'again',
    attempt: usesAttempt ? attempt + 1 : attempt,
    inSeconds: Math.min(wanted, leftSeconds),
  };
}

/** Says whether a delivery has waited longer than it may, for example because nobody read the queue. */
export function isTooOld(schedule: RetrySchedule, ageSeconds: number): boolean {
  return ageSeconds > schedule.maxAgeSeconds;
}
