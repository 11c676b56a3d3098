import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  toEndMs,
  isFullTimestamp,
  isTimestamp,
  toStartMs,
  readTimestamp,
} from '../../lib/voucherify/timestamp.ts';

describe('a time in a webhook', () => {
  it.each([
    '2026-01-31',
    '2024-02-29',
    '2016-11-24T12:23:32Z',
    '2026-05-04T09:59:58.5Z',
    '2026-05-04T09:59:58.123456Z',
    '2026-05-04T09:59:58.123456789Z',
    '2026-05-04T09:59:58+02:00',
    '2026-05-04T23:59:59.000-11:30',
  ])('%s is valid', (text) => {
    expect(isTimestamp(text)).toBe(true);
  });

  it.each([
    '',
    'tomorrow',
    '2026-02-29',
    '2026-04-31T00:00:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-32',
    '2026-05-04T24:00:00Z',
    '2026-05-04T09:60:00Z',
    '2026-05-04T09:59:58',
    '2026-05-04T09:59:58.1234567890Z',
    '2026-05-04T09: 59: 58Z',
    '2026-05-04 09:59:58Z',
    '2026-05-04T09:59:58Z trailing',
    '20260504',
  ])('"%s" is not valid', (text) => {
    expect(isTimestamp(text)).toBe(false);
    expect(toEndMs(text)).toBeNull();
    expect(toStartMs(text)).toBeNull();
  });

  it('is a full timestamp only if it has a time of day', () => {
    expect(isFullTimestamp('2026-05-04T09:59:58Z')).toBe(true);
    expect(isFullTimestamp('2026-05-04')).toBe(false);
  });

  it.each([
    ['2024-05-13T10: 23:\t57.997Z', '2024-05-13T10:23:57.997Z', 'converted to that form'],
    [' 2020-01-01 ', '2020-01-01', 'converted to that form'],
    ['2020-01-01 00:00:00Z', '2020-01-01T00:00:00Z', 'converted to that form'],
    ['2020-01-01t00:00:00z', '2020-01-01T00:00:00Z', 'converted to that form'],
    ['2020-01-01T00:00:00+0000', '2020-01-01T00:00:00+00:00', 'converted to that form'],
    ['2020-01-01T00:00:00-0330', '2020-01-01T00:00:00-03:30', 'converted to that form'],
    ['2020-01-01T00:00:00+02', '2020-01-01T00:00:00+02:00', 'converted to that form'],
    ['2020-01-01T00:00+02:00', '2020-01-01T00:00:00+02:00', 'converted to that form'],
    ['2020-01-01 00:00:00', '2020-01-01T00:00:00Z', 'read as UTC'],
    ['2020-01-01T00:00:00.5', '2020-01-01T00:00:00.5Z', 'read as UTC'],
    [1_577_836_800_000, '2020-01-01T00:00:00.000Z', 'milliseconds'],
    ['1577836800000', '2020-01-01T00:00:00.000Z', 'milliseconds'],
    [1e12, '2001-09-09T01:46:40.000Z', 'milliseconds'],
    [1e13 - 1, '2286-11-20T17:46:39.999Z', 'milliseconds'],
  ])('is read from %j', (input, timestamp, change) => {
    expect(readTimestamp(input)).toEqual({
      timestamp,
      change: expect.stringContaining(change) as unknown,
    });
  });

  it.each([
    '',
    'tomorrow',
    '01.02.2020',
    '2020-01-0100:00:00',
    '20200101',
    '2020-02-30 00:00:00',
    '2020-01-01T24:00:00',
    '2020-01-01T00:00:00+25:00',
    '2020-01-01T00:00:00 CET',
    2_020_010_112,
    0,
    -1,
    1_577_836_800_000.5,
    1e12 - 1,
    1e13,
    '12345678901234',
  ])('is not read from %j, whose meaning is not certain', (input) => {
    expect(readTimestamp(input)).toBeNull();
  });

  it('lasts until the end of its day when it is a date alone', () => {
    expect(toStartMs('2026-05-04')).toBe(Date.UTC(2026, 4, 4));
    expect(toEndMs('2026-05-04')).toBe(Date.UTC(2026, 4, 5));
    expect(toEndMs('2026-05-04T10:00:00+02:00')).toBe(Date.UTC(2026, 4, 4, 8));
  });

  it('is valid in every form that JavaScript writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(isTimestamp(date.toISOString())).toBe(true);
          expect(toStartMs(date.toISOString())).toBe(date.getTime());
          expect(isTimestamp(date.toISOString().slice(0, 10))).toBe(true);
        },
      ),
    );
  });
});
