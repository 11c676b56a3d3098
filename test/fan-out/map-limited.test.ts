import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapLimited } from '../../lib/fan-out/map-limited.ts';

describe('mapLimited', () => {
  it('keeps the order of the items, and never runs more calls at once', async () => {
    let running = 0;
    let most = 0;
    const results = await mapLimited(3, [5, 1, 4, 2, 3, 1, 1], async (ms) => {
      running += 1;
      most = Math.max(most, running);
      await wait(ms);
      running -= 1;
      return 10 * ms;
    });
    expect(results).toEqual([50, 10, 40, 20, 30, 10, 10]);
    expect(most).toBe(3);
    expect(await mapLimited(3, [], () => expect.unreachable())).toEqual([]);
  });

  it('rejects when a call does', async () => {
    const fail = async (n: number): Promise<never> => {
      throw new RangeError(String(n));
    };
    await expect(mapLimited(2, [1, 2, 3], fail)).rejects.toThrow(RangeError);
  });
});
