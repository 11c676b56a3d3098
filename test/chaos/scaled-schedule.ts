import { RETRY_SCHEDULE, type RetrySchedule } from '../../lib/fan-out/retry-schedule.ts';

const MIN_WAIT_SECONDS = 1;

/**
 * The retry schedule with every time divided, but none below a second, so that a run takes minutes
 * instead of a day. No clock is changed.
 * @param divisor 1 for the schedule itself
 */
export function scaleSchedule(divisor: number): RetrySchedule {
  const scale = (seconds: number): number => Math.max(MIN_WAIT_SECONDS, seconds / divisor);
  return {
    delaysSeconds: RETRY_SCHEDULE.delaysSeconds.map(scale),
    maxAgeSeconds: scale(RETRY_SCHEDULE.maxAgeSeconds),
    circuitOpenSeconds: scale(RETRY_SCHEDULE.circuitOpenSeconds),
  };
}
