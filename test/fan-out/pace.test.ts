import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace, type Pace } from '../../lib/fan-out/pace.ts';

/** Sends as soon as the pace allows it, each request a little late; returns when. */
function sendAll(pace: Pace, count: number, latenessMs: (n: number) => number = () => 0) {
  let nowMs = 0;
  return Array.from({ length: count }, (_, n) => {
    nowMs = Math.max(nowMs, pace.nextAtMs()) + latenessMs(n);
    pace.take(nowMs);
    return nowMs;
  });
}

const refuse = (pace: Pace, ms: number, retryAfterSeconds: number | null = null) =>
  pace.refused(ms, retryAfterSeconds, ms);

describe('the pace of a destination', () => {
  it('without a limit lets every request go at once', () => {
    expect(
      sendAll(
        createPace(0, () => 0.5),
        100,
      ).at(-1),
    ).toBe(0);
  });

  it('keeps its interval on average, however late each request is', () => {
    const anyLateness = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(anyLateness, (lateness) => {
        const times = sendAll(
          createPace(100, () => 0.5),
          lateness.length,
          (n) => lateness[n] ?? 0,
        );
        for (const [index, ms] of times.entries()) {
          // no request before its place
          expect(ms - (times[0] ?? 0)).toBeGreaterThanOrEqual((index - 1) * 100 - 1e-6);
        }
      }),
    );
  });

  it('gives no place of a pause away later', () => {
    const pace = createPace(100, () => 0.5);
    pace.take(0);
    pace.take(10_000);
    expect(pace.nextAtMs()).toBe(10_100);
  });

  it('takes back the place of a request that was not made', () => {
    const pace = createPace(100, () => 0.5);
    pace.take(0);
    pace.take(100);
    pace.giveBack();
    expect(pace.nextAtMs()).toBe(100);
  });

  it('of a destination that refuses a request pauses for its Retry-After', () => {
    const pace = createPace(0, () => 0);
    refuse(pace, 1_000, 30);
    expect(pace.nextAtMs()).toBe(31_000);
  });

  it('pauses for one to two seconds without a Retry-After', () => {
    const pausesMs = [0, 1].map((random) => {
      const pace = createPace(0, () => random);
      refuse(pace, 1_000);
      return pace.nextAtMs() - 1_000;
    });
    expect(pausesMs[0]).toBe(1_000);
    expect(pausesMs[1]).toBeGreaterThanOrEqual(2_000);
    expect(pausesMs[1]).toBeLessThan(2_200);
  });

  it('is slower after each refusal, and never slower than a request in half a minute', () => {
    const pace = createPace(0, () => 0);
    const gaps: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      refuse(pace, n * 100_000);
      const beginMs = pace.nextAtMs();
      pace.take(beginMs);
      gaps.push(pace.nextAtMs() - beginMs);
    }
    expect(gaps[0]).toBeGreaterThan(0);
    expect(gaps).toEqual(gaps.toSorted((one, other) => one - other));
    expect(gaps.at(-1)).toBe(30_000);
  });

  it('counts the refusals of requests that were under way together as one', () => {
    const [once, often] = [createPace(0, () => 0), createPace(0, () => 0)];
    for (const [pace, times] of [
      [once, 1],
      [often, 50],
    ] as const) {
      for (let n = 0; n < times; n += 1) pace.refused(n, null, 1_000);
      pace.take(5_000);
    }
    expect(often.nextAtMs()).toBe(once.nextAtMs());
  });

  it('recovers while the destination takes requests, down to the limit that was declared', () => {
    const pace = createPace(100, () => 0);
    refuse(pace, 0);
    refuse(pace, 10_000);
    const gapAt = (ms: number): number => {
      pace.take(ms);
      return pace.nextAtMs() - ms;
    };
    const slowMs = gapAt(100_000);
    for (let n = 0; n < 10; n += 1) pace.accepted();
    const fasterMs = gapAt(200_000);
    for (let n = 0; n < 200; n += 1) pace.accepted();
    expect(slowMs).toBeGreaterThan(150);
    expect(fasterMs).toBeLessThan(slowMs);
    expect(gapAt(300_000)).toBe(100);
  });

  it('without a limit is as fast as before when the destination takes all again', () => {
    const pace = createPace(0, () => 0);
    refuse(pace, 0);
    for (let n = 0; n < 100; n += 1) pace.accepted();
    pace.take(100_000);
    expect(pace.nextAtMs()).toBeLessThanOrEqual(100_000);
  });

  it('is as fast as before soon after the destination has refused everything for hours', () => {
    const gapAfter = (refusals: number): number => {
      const pace = createPace(100, () => 0);
      for (let n = 0; n < refusals; n += 1) refuse(pace, n * 100_000);
      pace.accepted();
      pace.take(refusals * 100_000);
      return pace.nextAtMs() - refusals * 100_000;
    };
    expect(gapAfter(100)).toBe(gapAfter(1));
    // two or three may have come because the pace is too fast
    expect(gapAfter(3)).toBeGreaterThan(gapAfter(1));
  });
});
