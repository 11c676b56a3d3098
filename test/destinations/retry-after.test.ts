import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  limitWaitSeconds,
  MAX_RETRY_AFTER_SECONDS,
  readRetryAfter,
} from '../../lib/destinations/retry-after.ts';

const NOW = new Date('2026-03-05T10:00:00.400Z');
const IN_90_SECONDS = '2026-03-05T10:01:30';

describe('the wait that a Retry-After asks for', () => {
  it.each([
    ['120', 120],
    [' 120 ', 120],
    ['0', 0],
    ['007', 7],
    ['600.25', 601],
    ['0.2', 1],
    ['600s', 600],
    ['600 s', 600],
    ['1.5s', 2],
    ['Thu, 05 Mar 2026 10:01:30 GMT', 90],
    ['Thursday, 05-Mar-26 10:01:30 GMT', 90],
    ['Thu Mar  5 10:01:30 2026', 90],
    [`${IN_90_SECONDS}Z`, 90],
    [`${IN_90_SECONDS}.900Z`, 91],
    ['2026-03-05T11:01:30+01:00', 90],
    ['2026-03-05 10:01:30Z', 90],
    [String(Date.parse(`${IN_90_SECONDS}Z`) / 1_000), 90],
    [String(Date.parse(`${IN_90_SECONDS}Z`)), 90],
    ['Thu, 05 Mar 2026 09:00:00 GMT', 0],
    ['2026-03-05T09:00:00Z', 0],
    [String(NOW.getTime() / 1_000 - 60), 0],
  ])('in %j is %j seconds', (text, seconds) => {
    expect(readRetryAfter(503, { 'retry-after': text }, NOW)).toBe(seconds);
  });

  it.each(['3601', '86400', '9'.repeat(400), 'Fri, 06 Mar 2026 10:00:00 GMT', '4000000000'])(
    'is cut to an hour: %.40s',
    (text) => {
      expect(readRetryAfter(503, { 'retry-after': text }, NOW)).toBe(MAX_RETRY_AFTER_SECONDS);
    },
  );

  // a number from 30 years on is a time since 1970: in seconds, or from 30,000 years on in milliseconds
  it.each([
    ['999999999', MAX_RETRY_AFTER_SECONDS],
    ['1000000000', 0],
    ['999999999999', MAX_RETRY_AFTER_SECONDS],
    ['1000000000000', 0],
    ['3599', 3_599],
    ['3599.1', 3_600],
    ['3600', 3_600],
    ['3600.5', 3_600],
  ])('changes its meaning at the limits of %s: %j seconds', (text, seconds) => {
    expect(readRetryAfter(503, { 'retry-after': text }, NOW)).toBe(seconds);
  });

  it.each([
    '',
    'soon',
    '-5',
    '5 minutes',
    '5m',
    '1e3',
    '0x10',
    '1,5',
    'Infinity',
    'NaN',
    // which day, and in which time zone
    '2026-03-05',
    IN_90_SECONDS,
    '03/05/2026 10:01:30',
    'Thu, 05 Mar 2026 10:01:30',
    'Thu, 99 Mar 2026 10:01:30 GMT',
    '2026-13-05T10:01:30Z',
    // what Date.parse guesses a date from
    'Wed, 120 GMT',
    'Thu, 2026 GMT',
    'Thu, 05 2026 10:01:30 GMT',
    'Thu, 05-Mar-2026 10:01 GMT',
  ])('is unknown where it would be a guess: %j', (text) => {
    expect(readRetryAfter(503, { 'retry-after': text }, NOW)).toBeNull();
  });

  it('is from 0 to an hour or unknown, whatever the headers, the status and the time are', () => {
    const text = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map(String),
      fc
        .tuple(fc.nat(), fc.constantFrom('s', ' s', '.5', '.5s', 'm'))
        .map((parts) => parts.join('')),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    const headers = fc.record(
      { 'retry-after': text, 'ratelimit-reset': text, 'x-ratelimit-reset': text },
      { requiredKeys: [] },
    );
    const times = fc.date({ noInvalidDate: true });
    let known = 0;
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), headers, times, (status, sent, now) => {
        const seconds = readRetryAfter(status, sent, now);
        if (seconds === null) return;
        known += 1;
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(MAX_RETRY_AFTER_SECONDS);
      }),
      { numRuns: 1_000 },
    );
    expect(known).toBeGreaterThan(100);
  });

  it('is limited in the same way when a merchant names it', () => {
    expect([-1, 0, 0.5, 3_600, 3_601, Infinity, NaN].map(limitWaitSeconds)).toEqual([
      0,
      0,
      1,
      3_600,
      3_600,
      3_600,
      null,
    ]);
  });
});

describe('the reset of a rate limit', () => {
  it.each(['ratelimit-reset', 'x-ratelimit-reset'])(
    'in %s counts with 429, as seconds or as a time',
    (name) => {
      expect(readRetryAfter(429, { [name]: '30' }, NOW)).toBe(30);
      expect(readRetryAfter(429, { [name]: '1772704890' }, NOW)).toBe(90);
    },
  );

  it('does not count with another status, because it is sent with every response', () => {
    for (const status of [200, 404, 409, 500, 503]) {
      expect(readRetryAfter(status, { 'x-ratelimit-reset': '30' }, NOW)).toBeNull();
    }
  });

  it('counts less than a Retry-After, and more than one that cannot be read', () => {
    const reset = { 'x-ratelimit-reset': '30' };
    expect(readRetryAfter(429, { ...reset, 'retry-after': '7' }, NOW)).toBe(7);
    expect(readRetryAfter(429, { ...reset, 'retry-after': 'soon' }, NOW)).toBe(30);
  });
});
