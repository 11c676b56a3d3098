import { RETRY_SCHEDULE, type RetrySchedule } from '../../lib/fan-out/retry-schedule.ts';

const SHORTEST_WAIT_SECONDS = 1;

/**
 * The schedule of the retries with every time divided, never below a second, so that a run sees in
 * minutes what otherwise takes a day. No clock is changed.
 * @param divisor 1 for the schedule as it is
 */
export function dividedSchedule(divisor: number): RetrySchedule {
  const divided = (seconds: number): number => Math.max(SHORTEST_WAIT_SECONDS, seconds / divisor);
  return {
    waitsSeconds: RETRY_SCHEDULE.waitsSeconds.map(divided),
    maxAgeSeconds: divided(RETRY_SCHEDULE.maxAgeSeconds),
    breakerPauseSeconds: divided(RETRY_SCHEDULE.breakerPauseSeconds),
  };
}
