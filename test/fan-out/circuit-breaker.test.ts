import { describe, expect, it } from 'vitest';
import { type Breaker, createBreaker } from '../../lib/fan-out/circuit-breaker.ts';

const at = (seconds: number) => new Date(seconds * 1_000);
const REFUSED = { reason: 'http_503', hung: false };
const HUNG = { reason: 'time_limit', hung: true };
const admitted = (breaker: Breaker, seconds: number) => breaker.admit(at(seconds)).admitted;

function failing(times: number, failure = REFUSED) {
  const breaker = createBreaker(30_000, () => 0.5);
  for (let n = 0; n < times; n += 1) breaker.note(failure, at(0));
  return breaker;
}

describe('the breaker of a destination', () => {
  it('lets deliveries through until five have failed in a row', () => {
    expect(admitted(failing(4), 0)).toBe(true);
    expect(failing(5).admit(at(0))).toEqual({ admitted: false, ms: 30_000, because: 'http_503' });
  });

  it('lets deliveries through until two in a row have hung, since each of them holds up a batch', () => {
    expect(admitted(failing(1, HUNG), 0)).toBe(true);
    expect(failing(2, HUNG).admit(at(0))).toMatchObject({ admitted: false, because: 'time_limit' });
  });

  it('does not take hanging now and then for hanging', () => {
    const breaker = failing(1, HUNG);
    breaker.note(REFUSED, at(1));
    breaker.note(HUNG, at(2));
    expect(admitted(breaker, 2)).toBe(true);
  });

  it('says once that it begins to spare a destination, until that got through again', () => {
    const breaker = createBreaker(30_000, () => 0.5);
    const told = Array.from({ length: 7 }, () => breaker.note(REFUSED, at(0)));
    expect(told).toEqual([false, false, false, false, true, false, false]);
    expect(breaker.note(null, at(1))).toBe(false);
    const again = Array.from({ length: 5 }, () => breaker.note(REFUSED, at(2)));
    expect(again).toEqual([false, false, false, false, true]);
  });

  it('counts only failures in a row', () => {
    const breaker = failing(4);
    breaker.note(null, at(0));
    breaker.note(REFUSED, at(0));
    expect(admitted(breaker, 0)).toBe(true);
  });

  it('says how long it is still worth waiting', () => {
    expect(failing(5).admit(at(20))).toMatchObject({ ms: 10_000 });
  });

  it('pauses half as long more or less, so that environments do not try together', () => {
    const pauseOf = (random: number) => {
      const breaker = createBreaker(30_000, () => random);
      for (let n = 0; n < 5; n += 1) breaker.note(REFUSED, at(0));
      return breaker.admit(at(0));
    };
    expect([pauseOf(0), pauseOf(1)]).toMatchObject([{ ms: 15_000 }, { ms: 45_000 }]);
  });

  it('lets one delivery try after the pause, and the others wait for it', () => {
    const breaker = failing(5);
    expect(admitted(breaker, 30)).toBe(true);
    expect(breaker.admit(at(30))).toMatchObject({ admitted: false, ms: 30_000 });
  });

  it('lets the next one try when that one turned out to need no attempt', () => {
    const breaker = failing(5);
    const first = breaker.admit(at(30));
    if (first.admitted) first.untried();
    expect([admitted(breaker, 30), admitted(breaker, 30)]).toEqual([true, false]);
  });

  it('ends the pause for nobody whose attempt was not that one', () => {
    const breaker = createBreaker(30_000, () => 0.5);
    const early = breaker.admit(at(0));
    for (let n = 0; n < 5; n += 1) breaker.note(REFUSED, at(0));
    if (early.admitted) early.untried();
    expect(admitted(breaker, 1)).toBe(false);
  });

  it('lets all through again when that one got through', () => {
    const breaker = failing(5);
    breaker.admit(at(30));
    breaker.note(null, at(31));
    expect([admitted(breaker, 31), admitted(breaker, 31)]).toEqual([true, true]);
  });

  it('waits again when that one failed, in whatever way', () => {
    for (const [before, after] of [
      [failing(5), HUNG],
      [failing(2, HUNG), REFUSED],
    ] as const) {
      before.admit(at(30));
      before.note(after, at(35));
      expect(before.admit(at(36))).toEqual({ admitted: false, ms: 29_000, because: after.reason });
    }
  });
});
