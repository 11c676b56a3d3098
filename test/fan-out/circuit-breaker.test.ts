import { describe, expect, it } from 'vitest';
import { createCircuitBreaker } from '../../lib/fan-out/circuit-breaker.ts';
import type { Failure } from '../../lib/destinations/outcome.ts';

const UNAVAILABLE: Failure = { reason: 'http_status', cause: null, status: 503 };
const TIMEOUT: Failure = { reason: 'timeout', cause: null, status: null };

const at = (seconds: number) => new Date(seconds * 1_000);

/** A breaker after one failure of each of these deliveries, at second 0. */
function createFailingBreaker(deliveryIds: readonly string[], random = 0.5) {
  const breaker = createCircuitBreaker(30_000, () => random);
  const opened = deliveryIds.map((id) => breaker.reportOutcome(id, UNAVAILABLE, at(0)));
  return { breaker, opened, stateAt: (seconds: number) => breaker.state(at(seconds)).kind };
}

const FIVE_FAILURES = ['a', 'b', 'c', 'a', 'b'];

describe('the circuit breaker of a destination', () => {
  it.each([
    ['no failure', [], 'closed'],
    ['four failures of four deliveries', ['a', 'b', 'c', 'd'], 'closed'],
    ['nine failures of one delivery', Array.from('aaaaaaaaa'), 'closed'],
    ['nine failures of two deliveries', Array.from('abababaab'), 'closed'],
    ['five failures of three deliveries', FIVE_FAILURES, 'open'],
    ['five failures of five deliveries', ['a', 'b', 'c', 'd', 'e'], 'open'],
    ['the first failure of a third delivery', Array.from('aaaabc'), 'open'],
  ])('after %s in a row is %s', (_what, ids, expected) => {
    expect(createFailingBreaker(ids).stateAt(1)).toBe(expected);
  });

  it('counts only failures in a row', () => {
    const { breaker, stateAt } = createFailingBreaker(['a', 'b', 'c', 'd']);
    breaker.reportOutcome('e', null, at(0));
    for (const id of ['f', 'g', 'h', 'i']) breaker.reportOutcome(id, UNAVAILABLE, at(0));
    expect(stateAt(0)).toBe('closed');
  });

  it('reports once that it opens, until a delivery succeeds', () => {
    const { breaker, opened } = createFailingBreaker([...FIVE_FAILURES, 'c', 'd']);
    expect(opened).toEqual([false, false, false, false, true, false, false]);
    expect(breaker.reportOutcome('a', null, at(31))).toBe(false);
    const openedAgain = FIVE_FAILURES.map((id) => breaker.reportOutcome(id, UNAVAILABLE, at(32)));
    expect(openedAgain).toEqual([false, false, false, false, true]);
  });

  it('says until when it is open, and which failure opened it', () => {
    const { breaker } = createFailingBreaker(FIVE_FAILURES);
    const open = { kind: 'open', until: at(30), openedBy: UNAVAILABLE };
    expect(breaker.state(at(29.999))).toEqual(open);
  });

  it('stays open for half as long more or less, so that environments do not probe together', () => {
    const untils = [0, 1].map((random) =>
      createFailingBreaker(FIVE_FAILURES, random).breaker.state(at(0)),
    );
    expect(untils).toMatchObject([{ until: at(15) }, { until: at(45) }]);
  });

  it('is half-open when its time is over, until the outcome of a probe', () => {
    const { breaker } = createFailingBreaker(FIVE_FAILURES);
    const halfOpen = { kind: 'half_open', openedBy: UNAVAILABLE };
    expect([breaker.state(at(30)), breaker.state(at(3_600))]).toEqual([halfOpen, halfOpen]);
  });

  it('is half-open at the very time that it named', () => {
    for (const random of [0.123_456_7, 0.333_333_3, 0.999_999_9]) {
      const { breaker } = createFailingBreaker(FIVE_FAILURES, random);
      const open = breaker.state(at(0));
      if (open.kind !== 'open') throw new Error(open.kind);
      expect(breaker.state(open.until).kind).toBe('half_open');
      expect(breaker.state(new Date(open.until.getTime() - 1)).kind).toBe('open');
    }
  });

  it('closes when the probe succeeds', () => {
    const { breaker, stateAt } = createFailingBreaker(FIVE_FAILURES);
    breaker.reportOutcome('d', null, at(31));
    expect(stateAt(31)).toBe('closed');
  });

  it('opens again for as long when the probe fails, in whatever way', () => {
    const { breaker } = createFailingBreaker(FIVE_FAILURES);
    breaker.reportOutcome('d', TIMEOUT, at(35));
    const open = { kind: 'open', until: at(65), openedBy: TIMEOUT };
    expect(breaker.state(at(36))).toEqual(open);
  });

  it('is not held open by attempts that began before it opened', () => {
    const { breaker } = createFailingBreaker(FIVE_FAILURES);
    breaker.reportOutcome('d', TIMEOUT, at(20));
    expect(breaker.state(at(20))).toMatchObject({ until: at(30), openedBy: UNAVAILABLE });
  });
});
