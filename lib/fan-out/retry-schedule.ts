/** When a delivery is attempted again, and when it is given up. */
export interface RetrySchedule {
  /** The delay after the first failed attempt, after the second, and so on. */
  readonly delaysSeconds: readonly number[];
  /** The maximum age of a delivery, counted from its first attempt. */
  readonly maxAgeSeconds: number;
  /** How long a circuit stays open, times 0.5 to 1.5. */
  readonly circuitOpenSeconds: number;
}

/** Short delays at first, for a short failure; then up to a day, for an outage that somebody has to fix. */
export const RETRY_SCHEDULE: RetrySchedule = {
  //             5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h, 8 h
  delaysSeconds: [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800],
  maxAgeSeconds: 86_400,
  circuitOpenSeconds: 30,
};

/** Spreads deliveries that failed together. */
const JITTER = 0.2;
/** The last delay ends this share of the maximum age early, so that one more attempt fits in. */
const FINAL_ATTEMPT_RESERVE = 0.01;
/** A retry that uses up no attempt waits this share of the delivery's age, so an outage adds at most that. */
const UNCOUNTED_RETRY_BACKOFF_FACTOR = 0.1;

/** What the next delay depends on. */
export interface RetryInput {
  /** The number of the attempt that failed, or that was not made. */
  readonly attempt: number;
  readonly countsAsAttempt: boolean;
  readonly ageSeconds: number;
  /** The minimum delay: a `Retry-After`, or the time until the circuit is half-open. */
  readonly minDelaySeconds: number;
}

/** A further attempt after a delay, or none. */
export type NextAttempt =
  | { readonly kind: 'retry'; readonly attempt: number; readonly delaySeconds: number }
  | { readonly kind: 'give_up'; readonly reason: 'attempts_exhausted' | 'too_old' };

/**
 * Plans the next attempt of a delivery.
 * @param random from 0 up to 1, for a jitter of 20 % either way
 */
export function planNextAttempt(
  schedule: RetrySchedule,
  { attempt, countsAsAttempt, ageSeconds, minDelaySeconds }: RetryInput,
  random: number,
): NextAttempt {
  const scheduledSeconds = schedule.delaysSeconds[attempt - 1];
  if (scheduledSeconds === undefined && countsAsAttempt) {
    return { kind: 'give_up', reason: 'attempts_exhausted' };
  }
  const remainingSeconds = schedule.maxAgeSeconds * (1 - FINAL_ATTEMPT_RESERVE) - ageSeconds;
  if (remainingSeconds <= 0) return { kind: 'give_up', reason: 'too_old' };

  const firstDelaySeconds = schedule.delaysSeconds[0] ?? 0;
  const baseDelaySeconds = countsAsAttempt
    ? (scheduledSeconds ?? 0)
    : Math.max(firstDelaySeconds, ageSeconds * UNCOUNTED_RETRY_BACKOFF_FACTOR);
  const jitteredSeconds = baseDelaySeconds * (1 - JITTER + 2 * JITTER * random);
  const requestedSeconds = Math.max(jitteredSeconds, minDelaySeconds * (1 + JITTER * random));
  return {
    kind: 'retry',
    attempt: countsAsAttempt ? attempt + 1 : attempt,
    delaySeconds: Math.min(requestedSeconds, remainingSeconds),
  };
}

/** Whether a delivery is older than the schedule allows, for example because fanOut did not run. */
export function isTooOld(schedule: RetrySchedule, ageSeconds: number): boolean {
  return ageSeconds > schedule.maxAgeSeconds;
}
