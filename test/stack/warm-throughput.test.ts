import { describe, expect, it } from 'vitest';
import type { Limit } from '../../lib/destinations/queue-settings.ts';
import { computeWarmThroughput } from '../../lib/stack/warm-throughput.ts';
import { planned } from './support/planned.ts';

const MANY = { size: 1_000, windowSeconds: 5 };
const limited = (limit: Partial<Limit>) => planned({ name: 'crm', limit }).destinations;
const unlimited = (count: number) =>
  Array.from({ length: count }, (_, index) => planned({ name: `d${index}` }).destinations).flat();

describe('the throughput of the table from its beginning', () => {
  it.each([
    ['what a new table takes, for two destinations without a limit', unlimited(2), null],
    ['twice that, for three', unlimited(3), 8_000],
    ['four times that, for five', unlimited(5), 16_000],
    ['the most of a table, for fifty', unlimited(50), 40_000],
    [
      'what a new table takes, for a slow receiver',
      limited({ perSecond: 75, perMinute: 700 }),
      null,
    ],
    ['as much as a fast receiver needs', limited({ perSecond: 3_000 }), 8_000],
    [
      'what a new table takes, for two requests a second of a thousand records',
      planned({ name: 'crm', limit: { perSecond: 2 }, batch: MANY }).destinations,
      null,
    ],
    [
      'what ten invocations write at once, for requests of a thousand records without a limit',
      planned({ name: 'crm', batch: MANY }).destinations,
      16_000,
    ],
  ])('is %s', (_, destinations, writes) => {
    expect(computeWarmThroughput(destinations, 'auto', 0)?.WriteUnitsPerSecond ?? null).toBe(
      writes,
    );
  });

  it.each([
    [500, null],
    [2_000, 8_000],
    [20_000, 40_000],
  ])('includes the index rows of %d webhooks a second', (webhooksPerSecond, writes) => {
    const slow = limited({ perSecond: 75, perMinute: 700 });
    const throughput = computeWarmThroughput(slow, 'auto', webhooksPerSecond);
    expect(throughput?.WriteUnitsPerSecond ?? null).toBe(writes);
  });

  it.each([
    ['16000', 16_000],
    ['4000', null],
    ['off', null],
  ])('is, with the parameter %s, %s', (parameter, writes) => {
    const throughput = computeWarmThroughput(unlimited(50), parameter, 2_000);
    expect(throughput?.WriteUnitsPerSecond ?? null).toBe(writes);
  });
});
