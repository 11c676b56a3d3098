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

describe('when a delivery is tried again', () => {
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
  ])('after attempt %i: in about %i seconds', (attempt, seconds) => {
    const after = (random: number) => planNextAttempt(RETRY_SCHEDULE, waiting({ attempt }), random);
    expect(after(MIDDLE)).toEqual({ kind: 'again', attempt: attempt + 1, delaySeconds: seconds });
    expect(after(0)).toMatchObject({ delaySeconds: seconds * 0.8 });
    expect(after(1)).toMatchObject({ delaySeconds: expect.closeTo(seconds * 1.2) as number });
  });

  it('never, after the eleventh attempt', () => {
    expect(planNextAttempt(RETRY_SCHEDULE, waiting({ attempt: 11 }), MIDDLE)).toEqual({
      kind: 'never',
      reason: 'attempts_used_up',
    });
  });

  it('never, when it is a day old', () => {
    for (const countsAsAttempt of [true, false]) {
      const old = waiting({ attempt: 3, countsAsAttempt, ageSeconds: DAY_SECONDS });
      expect(planNextAttempt(RETRY_SCHEDULE, old, MIDDLE)).toEqual({
        kind: 'never',
        reason: 'too_old',
      });
    }
  });

  it('no earlier than the receiver wished, and later when the schedule says so', () => {
    const wish = (minDelaySeconds: number) =>
      planNextAttempt(RETRY_SCHEDULE, waiting({ attempt: 3, minDelaySeconds }), MIDDLE);
    expect(wish(300)).toMatchObject({ delaySeconds: expect.closeTo(330) as number });
    expect(wish(1)).toMatchObject({ delaySeconds: 120 });
  });

  it('with the same attempt when none was used up, after a tenth of its age', () => {
    const free = (ageSeconds: number) =>
      planNextAttempt(
        RETRY_SCHEDULE,
        waiting({ attempt: 11, countsAsAttempt: false, ageSeconds }),
        MIDDLE,
      );
    expect(free(0)).toEqual({ kind: 'again', attempt: 11, delaySeconds: 5 });
    expect(free(3_600)).toEqual({ kind: 'again', attempt: 11, delaySeconds: 360 });
  });

  it('never so late that it would be too old by then', () => {
    fc.assert(
      fc.property(anyWaiting, anyRandom, (some, random) => {
        const next = planNextAttempt(RETRY_SCHEDULE, some, random);
        if (next.kind === 'never') return;
        expect(isTooOld(RETRY_SCHEDULE, some.ageSeconds + next.delaySeconds)).toBe(false);
        expect(next.delaySeconds).toBeGreaterThan(0);
      }),
    );
  });

  it('a limited number of times, however often it is only held back', () => {
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
          if (next.kind === 'never') break;
          ageSeconds += next.delaySeconds;
          turns += 1;
        }
        expect(turns).toBeLessThan(130);
      }),
      { numRuns: 20 },
    );
  });

  it('with a last attempt within the day, whatever the jitter adds up to', () => {
    fc.assert(
      fc.property(fc.array(anyRandom, { minLength: 10, maxLength: 10 }), (randoms) => {
        let ageSeconds = 0;
        let attempt = 1;
        for (const random of randoms) {
          const next = planNextAttempt(RETRY_SCHEDULE, waiting({ attempt, ageSeconds }), random);
          if (next.kind === 'never') break;
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
