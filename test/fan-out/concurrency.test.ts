import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delivered } from '../../lib/destinations/outcome.ts';
import { aRecord } from '../support/a-record.ts';
import { aDestination, createTestFanOut } from '../support/fan-out.ts';

describe('the concurrency of a destination', () => {
  it('is the most attempts at once, and every record is attempted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 20 }),
        async (concurrency, recordCount) => {
          let running = 0;
          let most = 0;
          const crm = aDestination({ name: 'crm', concurrency }, async () => {
            running += 1;
            most = Math.max(most, running);
            await nextTurn();
            running -= 1;
            return delivered(204);
          });
          const records = Array.from({ length: recordCount }, (_, n) =>
            aRecord({ id: `whs_${n}` }),
          );
          expect(await createTestFanOut([crm]).handle(...records)).toEqual([]);
          expect(crm.received).toEqual(records);
          expect(most).toBe(Math.min(concurrency, recordCount));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is not used up by an attempt that throws', async () => {
    const crm = aDestination({ name: 'crm', concurrency: 1 }, async (n) => {
      if (n === 0) throw new Error('failed');
      return delivered(204);
    });
    const { handle, deadLetters } = createTestFanOut([crm]);
    await handle(aRecord({ id: 'whs_0' }), aRecord({ id: 'whs_1' }));
    expect(deadLetters).toMatchObject([
      { reason: 'rejected', lastFailure: { reason: 'deliver_threw', cause: 'Error' } },
    ]);
    expect(crm.received).toHaveLength(2);
  });
});
