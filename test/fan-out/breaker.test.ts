import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../lib/fan-out/breaker.ts';

const at = (seconds: number) => new Date(seconds * 1_000);

function failing(times: number) {
  const breaker = createBreaker(30_000);
  for (let n = 0; n < times; n += 1) breaker.note('http_503', at(0));
  return breaker;
}

describe('the breaker of a destination', () => {
  it('lets deliveries through until five have failed in a row', () => {
    expect(failing(4).pause(at(0))).toBeNull();
    expect(failing(5).pause(at(0))).toEqual({ ms: 30_000, because: 'http_503' });
  });

  it('says once that it begins to spare a destination, until that got through again', () => {
    const breaker = createBreaker(30_000);
    const told = Array.from({ length: 7 }, () => breaker.note('http_503', at(0)));
    expect(told).toEqual([false, false, false, false, true, false, false]);
    expect(breaker.note(null, at(1))).toBe(false);
    const again = Array.from({ length: 5 }, () => breaker.note('http_503', at(2)));
    expect(again).toEqual([false, false, false, false, true]);
  });

  it('counts only failures in a row', () => {
    const breaker = failing(4);
    breaker.note(null, at(0));
    breaker.note('http_503', at(0));
    expect(breaker.pause(at(0))).toBeNull();
  });

  it('says how long it is still worth waiting', () => {
    expect(failing(5).pause(at(20))).toMatchObject({ ms: 10_000 });
  });

  it('lets one delivery try after the pause, and the others wait for it', () => {
    const breaker = failing(5);
    expect(breaker.pause(at(30))).toBeNull();
    expect(breaker.pause(at(30))).toMatchObject({ ms: 30_000 });
  });

  it('opens when that one got through', () => {
    const breaker = failing(5);
    breaker.pause(at(30));
    breaker.note(null, at(31));
    expect([breaker.pause(at(31)), breaker.pause(at(31))]).toEqual([null, null]);
  });

  it('waits again when that one failed', () => {
    const breaker = failing(5);
    breaker.pause(at(30));
    breaker.note('time_limit', at(35));
    expect(breaker.pause(at(36))).toEqual({ ms: 29_000, because: 'time_limit' });
  });
});
