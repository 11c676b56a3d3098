import { RETRY_SCHEDULE, type RetrySchedule } from '../../lib/fan-out/retry-schedule.ts';

const MIN_WAIT_SECONDS = 1;

/**
 * The schedule of the retries with every time divided, never below a second, so that a run sees in
 * minutes what otherwise takes a day. No clock is changed.
 * @param divisor 1 for the schedule as it is
 */
export function scaleSchedule(divisor: number): RetrySchedule {
  const scale = (seconds: number): number => Math.max(MIN_WAIT_SECONDS, seconds / divisor);
  return {
    delaysSeconds: RETRY_SCHEDULE.delaysSeconds.map(scale),
    maxAgeSeconds: scale(RETRY_SCHEDULE.maxAgeSeconds),
    circuitOpenSeconds: scale(RETRY_SCHEDULE.circuitOpenSeconds),
  };
}
