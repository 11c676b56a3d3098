/** When a delivery is attempted again, and when it is given up. */
export interface RetrySchedule {
  /** The delay after the first failed attempt, after the second, and so on. */
  readonly delaysSeconds: readonly number[];
  /** The maximum age of a delivery that fails, counted from its first attempt. */
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
/** A delivery that waits for its destination is looked at again after this share of its age. */
const BACKOFF_SHARE = 0.1;
const MIN_BACKOFF_SECONDS = 5;
const MAX_BACKOFF_SECONDS = 900;
/** SQS hides a message for 12 hours from its receipt at most (ChangeMessageVisibility API reference). */
const MAX_HIDDEN_SECONDS = 43_000;
/** SQS deletes a message after 14 days; half a day earlier somebody has to look at it. */
const MAX_WAIT_SECONDS = 13.5 * 86_400;

/**
 * SQS moves a message to [dead-letters] at the thousandth receive (maxReceiveCount), without a reason.
 * One that waits for its destination gets there in ten days.
 */
const MAX_RECEIVES = 950;

/** What the next delay depends on. */
export interface RetryInput {
  /** The number of the attempt that failed. */
  readonly attempt: number;
  /** Since the first attempt. */
  readonly ageSeconds: number;
  /** The minimum delay: a `Retry-After`. */
  readonly minDelaySeconds: number;
}

/** A further attempt after a delay, or none. */
export type NextAttempt =
  | { readonly kind: 'retry'; readonly delaySeconds: number }
  | { readonly kind: 'give_up'; readonly reason: 'attempts_exhausted' | 'too_old' };

/**
 * Plans the next attempt of a delivery after one that failed.
 * @param random from 0 up to 1, for a jitter of 20 % either way. A delay that the maximum age cuts short
 * is shortened by as much, so that the last attempts of many deliveries do not fall together
 */
export function planNextAttempt(
  schedule: RetrySchedule,
  { attempt, ageSeconds, minDelaySeconds }: RetryInput,
  random: number,
): NextAttempt {
  const scheduledSeconds = schedule.delaysSeconds[attempt - 1];
  if (scheduledSeconds === undefined) return { kind: 'give_up', reason: 'attempts_exhausted' };
  const remainingSeconds = schedule.maxAgeSeconds * (1 - FINAL_ATTEMPT_RESERVE) - ageSeconds;
  if (remainingSeconds <= 0) return { kind: 'give_up', reason: 'too_old' };
  const jitteredSeconds = scheduledSeconds * (1 - JITTER + 2 * JITTER * random);
  const requestedSeconds = Math.max(jitteredSeconds, minDelaySeconds * (1 + JITTER * random));
  const latestSeconds = remainingSeconds * (1 - JITTER * random);
  const delaySeconds = Math.min(requestedSeconds, latestSeconds, MAX_HIDDEN_SECONDS);
  return { kind: 'retry', delaySeconds };
}

/**
 * Plans when a delivery is looked at again that was not attempted, or that its destination did not take
 * yet: after a tenth of its age, 5 s at least and 15 minutes at most, so that a message that waits for
 * days is received a few hundred times.
 * @param ageSeconds since it was put on its queue
 * @param minDelaySeconds how long its destination is known to take nothing
 * @param random from 0 up to 1, for a jitter of 20 %
 */
export function planWaitSeconds(
  ageSeconds: number,
  minDelaySeconds: number,
  random: number,
): number {
  const backoffSeconds = Math.max(MIN_BACKOFF_SECONDS, ageSeconds * BACKOFF_SHARE, minDelaySeconds);
  return Math.min(backoffSeconds * (1 + JITTER * random), MAX_BACKOFF_SECONDS);
}

/**
 * Whether SQS deletes a message, or moves it away, so soon that its delivery has to be given up.
 * @param ageSeconds since it was put on its queue
 * @param receives how often it was received
 */
export function isNearEnd(ageSeconds: number, receives: number): boolean {
  return ageSeconds > MAX_WAIT_SECONDS || receives > MAX_RECEIVES;
}
