import { describe, expect, it } from 'vitest';
import { createHeap, createVirtualClock, installVirtualTimers } from './virtual-clock.ts';

const START = Date.parse('2026-03-05T09:15:04.000Z');
const HOUR_MS = 3_600_000;

describe('virtual time', () => {
  it('runs timers in the order of their times, and those of one instant in the order they were set', async () => {
    const clock = createVirtualClock(START);
    const seen: string[] = [];
    clock.at(START + 20, () => seen.push('later'));
    clock.at(START + 10, () => seen.push('first'));
    clock.at(START + 10, () => seen.push('second'));
    await clock.run();
    expect(seen).toEqual(['first', 'second', 'later']);
  });

  it('lets hours pass at once, and the clock shows them', async () => {
    const clock = createVirtualClock(START);
    const startedAt = performance.now();
    const waited = clock.wait(12 * HOUR_MS).then(() => clock.now().toISOString());
    await clock.run();
    expect(await waited).toBe('2026-03-05T21:15:04.000Z');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('stands still while anything goes on without a timer, however many promises that takes', async () => {
    const clock = createVirtualClock(START);
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      await clock.wait(5);
      for (let n = 0; n < 50; n += 1) await Promise.resolve();
      seen.push(clock.nowMs() - START);
    };
    clock.at(START + 6, () => seen.push(6));
    void work();
    await clock.run();
    expect(seen).toEqual([5, 6]);
  });

  it('does not run a timer that was cancelled', async () => {
    const clock = createVirtualClock(START);
    const seen: string[] = [];
    const timer = clock.at(START + 10, () => seen.push('cancelled'));
    clock.at(START + 5, () => clock.cancel(timer));
    await clock.run();
    expect(seen).toEqual([]);
    expect(clock.nowMs()).toBe(START + 5);
  });

  it('keeps no memory of a hundred thousand timers that were cancelled', async () => {
    const clock = createVirtualClock(START);
    const seen: number[] = [];
    for (let n = 0; n < 100_000; n += 1)
      clock.cancel(clock.at(START + HOUR_MS + n, () => seen.push(n)));
    clock.at(START + 2 * HOUR_MS, () => seen.push(-1));
    await clock.run();
    expect(seen).toEqual([-1]);
  });

  it('stops when it is done, and goes on from there', async () => {
    const clock = createVirtualClock(START);
    const seen: number[] = [];
    for (const ms of [1, 2, 3]) clock.at(START + ms, () => seen.push(ms));
    await clock.run(() => seen.length === 2);
    expect(seen).toEqual([1, 2]);
    await clock.run();
    expect(seen).toEqual([1, 2, 3]);
  });

  it('rejects with what a timer throws', async () => {
    const clock = createVirtualClock(START);
    clock.at(START, () => {
      throw new Error('a fault of the model');
    });
    await expect(clock.run()).rejects.toThrow('a fault of the model');
  });

  it('is the time of setTimeout too, until the real one is put back', async () => {
    const clock = createVirtualClock(START);
    const real = globalThis.setTimeout;
    const restore = installVirtualTimers(clock);
    const seen: number[] = [];
    try {
      setTimeout(() => seen.push(clock.nowMs() - START), HOUR_MS);
      clearTimeout(setTimeout(() => seen.push(-1), 10));
      await clock.run();
    } finally {
      restore();
    }
    expect(seen).toEqual([HOUR_MS]);
    expect(globalThis.setTimeout).toBe(real);
  });
});

describe('a heap', () => {
  it('returns its items in order', () => {
    const heap = createHeap<number>((one, other) => one < other);
    const numbers = Array.from({ length: 500 }, (_, n) => (n * 7_919) % 503);
    for (const number of numbers) heap.push(number);
    const popped = numbers.map(() => heap.pop());
    expect(popped).toEqual(numbers.toSorted((one, other) => one - other));
    expect(heap.pop()).toBeUndefined();
  });
});
