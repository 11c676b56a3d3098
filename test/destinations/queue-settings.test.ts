import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Limit,
  MIN_CONCURRENCY,
  toQueueSettings,
} from '../../lib/destinations/queue-settings.ts';

const NO_LIMIT: Limit = { perSecond: null, perMinute: null, concurrency: null };
/** The least that Lambda accepts, and the most that it hands to one invocation (docs of the SQS mapping). */
const MAX_MAPPING_CONCURRENCY = 1_000;
const MAX_BATCH_SIZE = 10_000;
const MAX_BATCH_SIZE_WITHOUT_WINDOW = 10;
const USED_SHARE = 0.97;

const rates = fc.option(fc.double({ min: 0.05, max: 5_000, noNaN: true }));
const limits: fc.Arbitrary<Limit> = fc.record({
  perSecond: rates,
  perMinute: fc.option(fc.double({ min: 0.5, max: 300_000, noNaN: true })),
  concurrency: fc.option(fc.integer({ min: MIN_CONCURRENCY, max: 2_000 })),
});

function toRatePerSecond({ perSecond, perMinute }: Limit): number {
  return Math.min(perSecond ?? Infinity, (perMinute ?? Infinity) / 60);
}

describe('the settings of a queue', () => {
  it.each([
    [{ perSecond: 75, perMinute: 700 }, [2, 56, 1]],
    [{ perSecond: 10, perMinute: 600 }, [2, 48, 1]],
    [{ perSecond: 0.5 }, [2, 2, 0]],
    [{}, [10, 10, 0]],
    // a cap cannot make a batch larger than an invocation can hold
    [{ perSecond: 5_000 }, [97, 500, 1]],
    [{ perSecond: 5_000, concurrency: 2 }, [2, 500, 1]],
  ])('of the limit %j are %j', (limit, expected) => {
    const settings = toQueueSettings({ ...NO_LIMIT, ...limit });
    const { maximumConcurrency, batchSize, batchWindowSeconds } = settings;
    expect([maximumConcurrency, batchSize, batchWindowSeconds]).toEqual(expected);
  });

  it('without a limit keep no pace', () => {
    expect(toQueueSettings(NO_LIMIT)).toMatchObject({ intervalMs: 0, simultaneous: 50 });
  });

  it('share a rate between the invocations: 10 a second at two at once is one in 206 ms each', () => {
    const { intervalMs } = toQueueSettings({ ...NO_LIMIT, perSecond: 10 });
    expect(intervalMs).toBeCloseTo(206.19, 1);
  });

  it.each([
    [2, [2, 1]],
    [5, [5, 1]],
    [10, [10, 1]],
    [40, [10, 4]],
    [45, [10, 4]],
  ])(
    'with a concurrency of %i have %j invocations and requests of each',
    (concurrency, expected) => {
      const settings = toQueueSettings({ ...NO_LIMIT, concurrency });
      expect([settings.maximumConcurrency, settings.simultaneous]).toEqual(expected);
    },
  );

  it('keep all invocations together under 0.97 of the rate', () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const rate = toRatePerSecond(limit);
        fc.pre(Number.isFinite(rate));
        const { intervalMs, maximumConcurrency } = toQueueSettings(limit);
        const pacePerSecond = 1_000 / intervalMs;
        expect(pacePerSecond * maximumConcurrency).toBeLessThanOrEqual(
          USED_SHARE * rate * (1 + 1e-9),
        );
        // and use it: a limit is no reason to be slower than it allows
        expect(pacePerSecond * maximumConcurrency).toBeCloseTo(USED_SHARE * rate, 5);
      }),
    );
  });

  it('never allow more requests at once than the limit', () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const { maximumConcurrency, simultaneous } = toQueueSettings(limit);
        expect(maximumConcurrency * simultaneous).toBeLessThanOrEqual(
          limit.concurrency ?? Infinity,
        );
        expect(simultaneous).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('are such that Lambda accepts', () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const settings = toQueueSettings(limit);
        const { maximumConcurrency, batchSize, batchWindowSeconds } = settings;
        for (const whole of [maximumConcurrency, batchSize, batchWindowSeconds]) {
          expect(Number.isInteger(whole)).toBe(true);
        }
        expect(maximumConcurrency).toBeGreaterThanOrEqual(MIN_CONCURRENCY);
        expect(maximumConcurrency).toBeLessThanOrEqual(MAX_MAPPING_CONCURRENCY);
        expect(batchSize).toBeGreaterThanOrEqual(1);
        expect(batchSize).toBeLessThanOrEqual(MAX_BATCH_SIZE);
        const needsWindow = batchSize > MAX_BATCH_SIZE_WITHOUT_WINDOW;
        expect(batchWindowSeconds).toBeGreaterThanOrEqual(needsWindow ? 1 : 0);
      }),
    );
  });

  it('give a paced batch about ten seconds of work, unless one request takes longer', () => {
    fc.assert(
      fc.property(limits, (limit) => {
        fc.pre(Number.isFinite(toRatePerSecond(limit)));
        const { batchSize, intervalMs } = toQueueSettings(limit);
        fc.pre(batchSize > 1);
        expect(batchSize * intervalMs).toBeLessThanOrEqual(10_000 * (1 + 1e-9));
      }),
    );
  });
});
