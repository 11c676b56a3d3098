import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pLimit } from '../../lib/fan-out/slots.ts';

const soon = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('slots', () => {
  it('never run more tasks at once than there are slots, and run all of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 20 }),
        async (slots, tasks) => {
          const inSlot = pLimit(slots);
          let running = 0;
          let most = 0;
          const results = await Promise.all(
            Array.from({ length: tasks }, (_, n) =>
              inSlot(async () => {
                running += 1;
                most = Math.max(most, running);
                await soon();
                running -= 1;
                return n;
              }),
            ),
          );
          expect(results).toEqual(Array.from({ length: tasks }, (_, n) => n));
          expect(most).toBe(Math.min(slots, tasks));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('give the place of a task that failed to the next one', async () => {
    const inSlot = pLimit(1);
    const failing = inSlot(async () => Promise.reject(new Error('failed')));
    const next = inSlot(async () => 'done');
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('done');
  });
});
