/** When a delivery that failed is tried again, and when it is given up. */
export interface RetrySchedule {
  /** The wait after the first failed attempt, after the second, and so on. */
  readonly delaysSeconds: readonly number[];
  /** How old a delivery may become, counted from its first attempt. */
  readonly maxAgeSeconds: number;
  /** How long a destination that failed several times in a row is spared at a time, half of it more or less. */
  readonly circuitOpenSeconds: number;
}

/** Soon at first, for a hiccup; then up to a day, for an outage that somebody has to mend. */
export const RETRY_SCHEDULE: RetrySchedule = {
  //             5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h, 8 h
  delaysSeconds: [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800],
  maxAgeSeconds: 86_400,
  circuitOpenSeconds: 30,
};

/** So that deliveries that failed together do not come back together. */
const JITTER = 0.2;
/** The last wait ends this part of the whole age early, so that one more attempt fits in. */
const FINAL_ATTEMPT_RESERVE = 0.01;
/** A wait that uses up no attempt grows with the age: after an outage, nothing waits a tenth longer. */
const UNCOUNTED_RETRY_BACKOFF_FACTOR = 0.1;

/** What is known of a delivery when its next wait is asked for. */
export interface RetryInput {
  /** The number of the attempt that failed, or that was held back. */
  readonly attempt: number;
  readonly countsAsAttempt: boolean;
  readonly ageSeconds: number;
  /** No earlier than this: the receiver's own wish, or the rest of a pause. */
  readonly minDelaySeconds: number;
}

/** What follows: another attempt after that time, or none. */
export type NextAttempt =
  | { readonly kind: 'again'; readonly attempt: number; readonly delaySeconds: number }
  | { readonly kind: 'never'; readonly reason: 'attempts_used_up' | 'too_old' };

/**
 * Decides when a delivery is tried again.
 * @param random a number from 0 up to 1, for the jitter of 20 % either way
 */
export function planNextAttempt(
  schedule: RetrySchedule,
  input: RetryInput,
  random: number,
): NextAttempt {
  const { attempt, countsAsAttempt, ageSeconds, minDelaySeconds } = input;
  const scheduledSeconds = schedule.delaysSeconds[attempt - 1];
  if (scheduledSeconds === undefined && countsAsAttempt)
    return { kind: 'never', reason: 'attempts_used_up' };
  const remainingSeconds = schedule.maxAgeSeconds * (1 - FINAL_ATTEMPT_RESERVE) - ageSeconds;
  if (remainingSeconds <= 0) return { kind: 'never', reason: 'too_old' };

  const firstDelaySeconds = schedule.delaysSeconds[0] ?? 0;
  const baseDelaySeconds = countsAsAttempt
    ? (scheduledSeconds ?? 0)
    : Math.max(firstDelaySeconds, ageSeconds * UNCOUNTED_RETRY_BACKOFF_FACTOR);
  const jitteredSeconds = baseDelaySeconds * (1 - JITTER + 2 * JITTER * random);
  const wantedSeconds = Math.max(jitteredSeconds, minDelaySeconds * (1 + JITTER * random));
  return {
    kind: 'again',
    attempt: countsAsAttempt ? attempt + 1 : attempt,
    delaySeconds: Math.min(wantedSeconds, remainingSeconds),
  };
}

/** Says whether a delivery has waited longer than it may, for example because nobody read the queue. */
export function isTooOld(schedule: RetrySchedule, ageSeconds: number): boolean {
  return ageSeconds > schedule.maxAgeSeconds;
}
