import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isNearEnd,
  planNextAttempt,
  planWaitSeconds,
  RETRY_SCHEDULE,
  type RetryInput,
} from '../../lib/fan-out/retry-schedule.ts';

const DAY_SECONDS = 86_400;
/** SQS: ChangeMessageVisibility hides a message for 12 hours from its receipt at most. */
const MAX_HIDDEN_SECONDS = 43_200;
const MIDDLE = 0.5;

const failed = (changes: Partial<RetryInput> = {}): RetryInput => ({
  attempt: 1,
  ageSeconds: 0,
  minDelaySeconds: 0,
  ...changes,
});

const anyFailed = fc.record({
  attempt: fc.integer({ min: 1, max: 12 }),
  ageSeconds: fc.double({ min: 0, max: 2 * DAY_SECONDS, noNaN: true }),
  minDelaySeconds: fc.double({ min: 0, max: 1_000_000, noNaN: true }),
});
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the next attempt of a delivery', () => {
  it.each([
    [1, 5],
    [2, 30],
    [3, 120],
    [4, 600],
    [5, 1_800],
    [6, 3_600],
    [7, 7_200],
    [8, 14_400],
    [9, 28_800],
    [10, 28_800],
  ])('after attempt %i is made in about %i seconds', (attempt, seconds) => {
    const after = (random: number) => planNextAttempt(RETRY_SCHEDULE, failed({ attempt }), random);
    expect(after(MIDDLE)).toEqual({ kind: 'retry', delaySeconds: seconds });
    expect(after(0)).toMatchObject({ delaySeconds: seconds * 0.8 });
    expect(after(1)).toMatchObject({ delaySeconds: expect.closeTo(seconds * 1.2) as number });
  });

  it('is not made after the eleventh attempt', () => {
    expect(planNextAttempt(RETRY_SCHEDULE, failed({ attempt: 11 }), MIDDLE)).toEqual({
      kind: 'give_up',
      reason: 'attempts_exhausted',
    });
  });

  // the last hundredth of the day is kept for the attempt itself
  it.each([
    [85_535.999, { kind: 'retry' }],
    [85_536, { kind: 'give_up', reason: 'too_old' }],
    [DAY_SECONDS, { kind: 'give_up', reason: 'too_old' }],
  ])('of a delivery that failed for the first time %d seconds ago: %o', (ageSeconds, expected) => {
    const next = planNextAttempt(RETRY_SCHEDULE, failed({ attempt: 3, ageSeconds }), MIDDLE);
    expect(next).toMatchObject(expected);
  });

  it('is made no earlier than the destination asks for, and later when the schedule says so', () => {
    const afterAtLeast = (minDelaySeconds: number) =>
      planNextAttempt(RETRY_SCHEDULE, failed({ attempt: 3, minDelaySeconds }), MIDDLE);
    expect(afterAtLeast(300)).toMatchObject({ delaySeconds: expect.closeTo(330) as number });
    expect(afterAtLeast(1)).toMatchObject({ delaySeconds: 120 });
  });

  it('is never so late that the delivery would be too old by then, or that SQS could not hide it', () => {
    fc.assert(
      fc.property(anyFailed, anyRandom, (some, random) => {
        const next = planNextAttempt(RETRY_SCHEDULE, some, random);
        if (next.kind === 'give_up') return;
        expect(some.ageSeconds + next.delaySeconds).toBeLessThanOrEqual(DAY_SECONDS);
        expect(next.delaySeconds).toBeGreaterThan(0);
        // a minute of the 12 hours is over when the attempt fails
        expect(next.delaySeconds + 60).toBeLessThan(MAX_HIDDEN_SECONDS);
      }),
    );
  });

  it('is the eleventh within the day, whatever the jitter adds up to', () => {
    fc.assert(
      fc.property(fc.array(anyRandom, { minLength: 10, maxLength: 10 }), (randoms) => {
        let ageSeconds = 0;
        let attempt = 1;
        for (const random of randoms) {
          const next = planNextAttempt(RETRY_SCHEDULE, failed({ attempt, ageSeconds }), random);
          if (next.kind === 'give_up') break;
          attempt += 1;
          ageSeconds += next.delaySeconds;
        }
        expect(attempt).toBeGreaterThanOrEqual(10);
        expect(ageSeconds).toBeGreaterThan(0.75 * DAY_SECONDS);
        expect(ageSeconds).toBeLessThanOrEqual(DAY_SECONDS);
      }),
    );
  });

  it('is spread over a tenth of the rest of the day for many that the end of the day cuts short', () => {
    const anyAge = fc.double({ min: 57_000, max: 85_000, noNaN: true });
    fc.assert(
      fc.property(anyAge, fc.integer({ min: 9, max: 10 }), (ageSeconds, attempt) => {
        const delays = Array.from({ length: 100 }, (_, n) => {
          const next = planNextAttempt(RETRY_SCHEDULE, failed({ attempt, ageSeconds }), n / 100);
          return next.kind === 'retry' ? next.delaySeconds : NaN;
        });
        const tenth = (DAY_SECONDS * 0.99 - ageSeconds) / 10;
        expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(tenth);
        // a fiftieth of them at most falls into any hundredth of that time
        for (const delay of delays) {
          const together = delays.filter((other) => Math.abs(other - delay) < tenth / 200);
          expect(together.length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});

describe('a delivery that waits for its destination', () => {
  it.each([
    [0, 0, 5.5],
    [50, 0, 5.5],
    [600, 0, 66],
    [9_000, 0, 900],
    [10 * DAY_SECONDS, 0, 900],
    [0, 60, 66],
    [0, 3_600, 900],
  ])(
    'and is %d s old, where nothing is taken for %d s, is looked at again after %d s',
    (ageSeconds, minDelaySeconds, expected) => {
      expect(planWaitSeconds(ageSeconds, minDelaySeconds, MIDDLE)).toBeCloseTo(expected);
    },
  );

  it('is hidden for 5 seconds at least and for 15 minutes at most', () => {
    const anySeconds = fc.double({ min: -DAY_SECONDS, max: 14 * DAY_SECONDS, noNaN: true });
    fc.assert(
      fc.property(anySeconds, anySeconds, anyRandom, (age, minDelay, random) => {
        const seconds = planWaitSeconds(age, minDelay, random);
        expect(seconds).toBeGreaterThanOrEqual(5);
        expect(seconds).toBeLessThanOrEqual(900);
      }),
    );
  });

  it('for 12 hours is received at most 200 times', () => {
    let ageSeconds = 0;
    let receives = 0;
    for (; ageSeconds < 43_200; receives += 1) ageSeconds += planWaitSeconds(ageSeconds, 0, 0);
    expect(receives).toBeLessThan(200);
  });

  it.each([
    [13.5 * DAY_SECONDS, 950, false],
    [13.5 * DAY_SECONDS + 1, 1, true],
    [0, 951, true],
  ])(
    'and is %d s old after %d receives is near the end of its message: %s',
    (age, receives, expected) => {
      expect(isNearEnd(age, receives)).toBe(expected);
    },
  );
});
