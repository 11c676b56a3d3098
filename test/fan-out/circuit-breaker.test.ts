import { describe, expect, it } from 'vitest';
import { type CircuitBreaker, createCircuitBreaker } from '../../lib/fan-out/circuit-breaker.ts';

const at = (seconds: number) => new Date(seconds * 1_000);
const FAILURE = { reason: 'http_503', isTimeout: false };
const TIMED_OUT = { reason: 'timeout', isTimeout: true };
const isAllowed = (breaker: CircuitBreaker, seconds: number) =>
  breaker.tryAcquire(at(seconds)).isAllowed;

function failingBreaker(times: number, failure = FAILURE) {
  const breaker = createCircuitBreaker(30_000, () => 0.5);
  for (let n = 0; n < times; n += 1) breaker.recordResult(failure, at(0));
  return breaker;
}

describe('the breaker of a destination', () => {
  it('lets deliveries through until five have failed in a row', () => {
    expect(isAllowed(failingBreaker(4), 0)).toBe(true);
    expect(failingBreaker(5).tryAcquire(at(0))).toEqual({
      isAllowed: false,
      openForMs: 30_000,
      reason: 'http_503',
    });
  });

  it('lets deliveries through until two in a row have isTimeout: isTimeout: isTimeout, since each of them holds up a batch', () => {
    expect(isAllowed(failingBreaker(1, TIMED_OUT), 0)).toBe(true);
    expect(failingBreaker(2, TIMED_OUT).tryAcquire(at(0))).toMatchObject({
      isAllowed: false,
      reason: 'timeout',
    });
  });

  it('does not take hanging now and then for hanging', () => {
    const breaker = failingBreaker(1, TIMED_OUT);
    breaker.recordResult(FAILURE, at(1));
    breaker.recordResult(TIMED_OUT, at(2));
    expect(isAllowed(breaker, 2)).toBe(true);
  });

  it('says once that it begins to spare a destination, until that got through again', () => {
    const breaker = createCircuitBreaker(30_000, () => 0.5);
    const opened = Array.from({ length: 7 }, () => breaker.recordResult(FAILURE, at(0)));
    expect(opened).toEqual([false, false, false, false, true, false, false]);
    expect(breaker.recordResult(null, at(1))).toBe(false);
    const openedAgain = Array.from({ length: 5 }, () => breaker.recordResult(FAILURE, at(2)));
    expect(openedAgain).toEqual([false, false, false, false, true]);
  });

  it('counts only failures in a row', () => {
    const breaker = failingBreaker(4);
    breaker.recordResult(null, at(0));
    breaker.recordResult(FAILURE, at(0));
    expect(isAllowed(breaker, 0)).toBe(true);
  });

  it('says how long it is still worth waiting', () => {
    expect(failingBreaker(5).tryAcquire(at(20))).toMatchObject({ openForMs: 10_000 });
  });

  it('pauses half as long more or less, so that environments do not try together', () => {
    const permitWith = (random: number) => {
      const breaker = createCircuitBreaker(30_000, () => random);
      for (let n = 0; n < 5; n += 1) breaker.recordResult(FAILURE, at(0));
      return breaker.tryAcquire(at(0));
    };
    expect([permitWith(0), permitWith(1)]).toMatchObject([
      { openForMs: 15_000 },
      { openForMs: 45_000 },
    ]);
  });

  it('lets one delivery try after the pause, and the others wait for it', () => {
    const breaker = failingBreaker(5);
    expect(isAllowed(breaker, 30)).toBe(true);
    expect(breaker.tryAcquire(at(30))).toMatchObject({ isAllowed: false, openForMs: 30_000 });
  });

  it('lets the next one try when that one turned out to need no attempt', () => {
    const breaker = failingBreaker(5);
    const first = breaker.tryAcquire(at(30));
    if (first.isAllowed) first.release();
    expect([isAllowed(breaker, 30), isAllowed(breaker, 30)]).toEqual([true, false]);
  });

  it('ends the pause for nobody whose attempt was not that one', () => {
    const breaker = createCircuitBreaker(30_000, () => 0.5);
    const early = breaker.tryAcquire(at(0));
    for (let n = 0; n < 5; n += 1) breaker.recordResult(FAILURE, at(0));
    if (early.isAllowed) early.release();
    expect(isAllowed(breaker, 1)).toBe(false);
  });

  it('lets all through again when that one got through', () => {
    const breaker = failingBreaker(5);
    breaker.tryAcquire(at(30));
    breaker.recordResult(null, at(31));
    expect([isAllowed(breaker, 31), isAllowed(breaker, 31)]).toEqual([true, true]);
  });

  it('waits again when that one failed, in whatever way', () => {
    for (const [before, after] of [
      [failingBreaker(5), TIMED_OUT],
      [failingBreaker(2, TIMED_OUT), FAILURE],
    ] as const) {
      before.tryAcquire(at(30));
      before.recordResult(after, at(35));
      expect(before.tryAcquire(at(36))).toEqual({
        isAllowed: false,
        openForMs: 29_000,
        reason: after.reason,
      });
    }
  });
});
