import { describe, expect, it } from 'vitest';
import { type CircuitBreaker, createCircuitBreaker } from '../../lib/fan-out/circuit-breaker.ts';
import type { Failure } from '../../lib/destinations/outcome.ts';

const UNAVAILABLE: Failure = { reason: 'http_status', cause: null, status: 503 };
const TIMEOUT: Failure = { reason: 'timeout', cause: null, status: null };

const at = (seconds: number) => new Date(seconds * 1_000);
const isAllowed = (breaker: CircuitBreaker, seconds: number) =>
  breaker.tryAcquire(at(seconds)).isAllowed;

function createFailingBreaker(times: number, failure: Failure = UNAVAILABLE) {
  const breaker = createCircuitBreaker(30_000, () => 0.5);
  for (let n = 0; n < times; n += 1) breaker.reportOutcome(failure, at(0));
  return breaker;
}

describe('the circuit breaker of a destination', () => {
  it('allows deliveries until five have failed in a row', () => {
    expect(isAllowed(createFailingBreaker(4), 0)).toBe(true);
    expect(createFailingBreaker(5).tryAcquire(at(0))).toEqual({
      isAllowed: false,
      openForMs: 30_000,
      failure: UNAVAILABLE,
    });
  });

  it('allows deliveries until two in a row have timed out, since each timeout holds up a batch', () => {
    expect(isAllowed(createFailingBreaker(1, TIMEOUT), 0)).toBe(true);
    expect(createFailingBreaker(2, TIMEOUT).tryAcquire(at(0))).toMatchObject({
      isAllowed: false,
      failure: TIMEOUT,
    });
  });

  it('does not open for timeouts that are not in a row', () => {
    const breaker = createFailingBreaker(1, TIMEOUT);
    breaker.reportOutcome(UNAVAILABLE, at(1));
    breaker.reportOutcome(TIMEOUT, at(2));
    expect(isAllowed(breaker, 2)).toBe(true);
  });

  it('reports once that it opens, until a delivery succeeds', () => {
    const breaker = createCircuitBreaker(30_000, () => 0.5);
    const opened = Array.from({ length: 7 }, () => breaker.reportOutcome(UNAVAILABLE, at(0)));
    expect(opened).toEqual([false, false, false, false, true, false, false]);
    expect(breaker.reportOutcome(null, at(1))).toBe(false);
    const openedAgain = Array.from({ length: 5 }, () => breaker.reportOutcome(UNAVAILABLE, at(2)));
    expect(openedAgain).toEqual([false, false, false, false, true]);
  });

  it('counts only failures in a row', () => {
    const breaker = createFailingBreaker(4);
    breaker.reportOutcome(null, at(0));
    breaker.reportOutcome(UNAVAILABLE, at(0));
    expect(isAllowed(breaker, 0)).toBe(true);
  });

  it('returns for how long it stays open', () => {
    expect(createFailingBreaker(5).tryAcquire(at(20))).toMatchObject({ openForMs: 10_000 });
  });

  it('stays open for half as long more or less, so that environments do not probe together', () => {
    const permitWith = (random: number) => {
      const breaker = createCircuitBreaker(30_000, () => random);
      for (let n = 0; n < 5; n += 1) breaker.reportOutcome(UNAVAILABLE, at(0));
      return breaker.tryAcquire(at(0));
    };
    expect([permitWith(0), permitWith(1)]).toMatchObject([
      { openForMs: 15_000 },
      { openForMs: 45_000 },
    ]);
  });

  it('allows one delivery when it is half-open, and the others wait for its outcome', () => {
    const breaker = createFailingBreaker(5);
    expect(isAllowed(breaker, 30)).toBe(true);
    expect(breaker.tryAcquire(at(30))).toMatchObject({ isAllowed: false, openForMs: 30_000 });
  });

  it('allows the next delivery when that one needed no attempt', () => {
    const breaker = createFailingBreaker(5);
    const first = breaker.tryAcquire(at(30));
    if (first.isAllowed) first.release();
    expect([isAllowed(breaker, 30), isAllowed(breaker, 30)]).toEqual([true, false]);
  });

  it('is not closed by the release of a permit from before it opened', () => {
    const breaker = createCircuitBreaker(30_000, () => 0.5);
    const early = breaker.tryAcquire(at(0));
    for (let n = 0; n < 5; n += 1) breaker.reportOutcome(UNAVAILABLE, at(0));
    if (early.isAllowed) early.release();
    expect(isAllowed(breaker, 1)).toBe(false);
  });

  it('closes when that delivery succeeds', () => {
    const breaker = createFailingBreaker(5);
    breaker.tryAcquire(at(30));
    breaker.reportOutcome(null, at(31));
    expect([isAllowed(breaker, 31), isAllowed(breaker, 31)]).toEqual([true, true]);
  });

  it('opens again when that delivery fails, in whatever way', () => {
    for (const [before, after] of [
      [createFailingBreaker(5), TIMEOUT],
      [createFailingBreaker(2, TIMEOUT), UNAVAILABLE],
    ] as const) {
      before.tryAcquire(at(30));
      before.reportOutcome(after, at(35));
      expect(before.tryAcquire(at(36))).toEqual({
        isAllowed: false,
        openForMs: 29_000,
        failure: after,
      });
    }
  });
});
