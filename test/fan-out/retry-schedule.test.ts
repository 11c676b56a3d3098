import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isTooOld,
  planNextAttempt,
  RETRY_SCHEDULE,
  type RetryInput,
} from '../../lib/fan-out/retry-schedule.ts';

const DAY_SECONDS = 86_400;
const MIDDLE = 0.5;

const waiting = (changes: Partial<RetryInput> = {}): RetryInput => ({
  attempt: 1,
  countsAsAttempt: true,
  ageSeconds: 0,
  minDelaySeconds: 0,
  ...changes,
});

const anyWaiting = fc.record({
  attempt: fc.integer({ min: 1, max: 12 }),
  countsAsAttempt: fc.boolean(),
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
    const after = (random: number) => planNextAttempt(RETRY_SCHEDULE, waiting({ attempt }), random);
    expect(after(MIDDLE)).toEqual({ kind: 'retry', attempt: attempt + 1, delaySeconds: seconds });
    expect(after(0)).toMatchObject({ delaySeconds: seconds * 0.8 });
    expect(after(1)).toMatchObject({ delaySeconds: expect.closeTo(seconds * 1.2) as number });
  });

  it('is not made after the eleventh attempt', () => {
    expect(planNextAttempt(RETRY_SCHEDULE, waiting({ attempt: 11 }), MIDDLE)).toEqual({
      kind: 'give_up',
      reason: 'attempts_exhausted',
    });
  });

  it('is not made when the delivery is a day old', () => {
    for (const countsAsAttempt of [true, false]) {
      const old = waiting({ attempt: 3, countsAsAttempt, ageSeconds: DAY_SECONDS });
      expect(planNextAttempt(RETRY_SCHEDULE, old, MIDDLE)).toEqual({
        kind: 'give_up',
        reason: 'too_old',
      });
    }
  });

  // the last hundredth of the day is kept for the attempt itself
  it.each([
    [85_535.999, 'retry'],
    [85_536, 'give_up'],
    [85_536.001, 'give_up'],
  ])('of a delivery that is %d seconds old is a %s', (ageSeconds, kind) => {
    for (const countsAsAttempt of [true, false]) {
      const next = planNextAttempt(
        RETRY_SCHEDULE,
        waiting({ countsAsAttempt, ageSeconds }),
        MIDDLE,
      );
      expect(next.kind).toBe(kind);
    }
  });

  it.each([
    [DAY_SECONDS, false],
    [DAY_SECONDS + 0.001, true],
  ])('is refused for an age of %d seconds: %s', (ageSeconds, expected) => {
    expect(isTooOld(RETRY_SCHEDULE, ageSeconds)).toBe(expected);
  });

  it('is made no earlier than the destination asks for, and later when the schedule says so', () => {
    const afterAtLeast = (minDelaySeconds: number) =>
      planNextAttempt(RETRY_SCHEDULE, waiting({ attempt: 3, minDelaySeconds }), MIDDLE);
    expect(afterAtLeast(300)).toMatchObject({ delaySeconds: expect.closeTo(330) as number });
    expect(afterAtLeast(1)).toMatchObject({ delaySeconds: 120 });
  });

  it('has the same number when none was used up, and is made after a tenth of the age', () => {
    const uncounted = (ageSeconds: number) =>
      planNextAttempt(
        RETRY_SCHEDULE,
        waiting({ attempt: 11, countsAsAttempt: false, ageSeconds }),
        MIDDLE,
      );
    expect(uncounted(0)).toEqual({ kind: 'retry', attempt: 11, delaySeconds: 5 });
    expect(uncounted(3_600)).toEqual({ kind: 'retry', attempt: 11, delaySeconds: 360 });
  });

  it('is never so late that the delivery would be too old by then', () => {
    fc.assert(
      fc.property(anyWaiting, anyRandom, (some, random) => {
        const next = planNextAttempt(RETRY_SCHEDULE, some, random);
        if (next.kind === 'give_up') return;
        expect(isTooOld(RETRY_SCHEDULE, some.ageSeconds + next.delaySeconds)).toBe(false);
        expect(next.delaySeconds).toBeGreaterThan(0);
      }),
    );
  });

  it('is planned a limited number of times, however often no attempt is used up', () => {
    fc.assert(
      fc.property(anyRandom, (random) => {
        let ageSeconds = 0;
        let turns = 0;
        for (;;) {
          const next = planNextAttempt(
            RETRY_SCHEDULE,
            waiting({ countsAsAttempt: false, ageSeconds }),
            random,
          );
          if (next.kind === 'give_up') break;
          ageSeconds += next.delaySeconds;
          turns += 1;
        }
        expect(turns).toBeLessThan(130);
      }),
      { numRuns: 20 },
    );
  });

  it('is within the day, whatever the jitter adds up to', () => {
    fc.assert(
      fc.property(fc.array(anyRandom, { minLength: 10, maxLength: 10 }), (randoms) => {
        let ageSeconds = 0;
        let attempt = 1;
        for (const random of randoms) {
          const next = planNextAttempt(RETRY_SCHEDULE, waiting({ attempt, ageSeconds }), random);
          if (next.kind === 'give_up') break;
          attempt = next.attempt;
          ageSeconds += next.delaySeconds;
        }
        expect(attempt).toBeGreaterThanOrEqual(10);
        expect(ageSeconds).toBeGreaterThan(0.75 * DAY_SECONDS);
        expect(ageSeconds).toBeLessThanOrEqual(DAY_SECONDS);
      }),
    );
  });
});
