import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toBusinessKey, toDeliveryKey } from '../../lib/deliveries/row.ts';
import { delivered, retry } from '../../lib/destinations/outcome.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aDelivery, aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';
import { startSimulatedQueue } from '../support/simulated-queue.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

/** A queue with a delivery of each of these records, some of which end the invocation that attempts them. */
function startWithPoison(
  ids: readonly string[],
  isPoison: (id: string) => boolean,
  concurrency = 20,
) {
  const queue = startSimulatedQueue({
    attempt: (id) => (isPoison(id) ? 'crash' : delivered(204)),
    concurrency,
  });
  for (const id of ids) {
    const record = aRecord({ id, data: { voucher: aVoucher({ expiresAt: null }) } });
    queue.send(aDelivery(record, 'crm'));
  }
  return queue;
}

describe('a delivery whose attempt ends the invocation', () => {
  it('is given up after three attempts, and the nine others are delivered once each', async () => {
    const ids = Array.from({ length: 10 }, (_, n) => (n === 4 ? 'poison' : `whs_${n}`));
    const { drain, attempts, deadLetters, table } = startWithPoison(ids, (id) => id === 'poison');
    await drain();
    expect(attempts.filter((id) => id === 'poison')).toHaveLength(3);
    const others = attempts.filter((id) => id !== 'poison');
    // one that was under way when the invocation ended is delivered again
    expect(new Set(others)).toEqual(new Set(ids.filter((id) => id !== 'poison')));
    const failure = { reason: 'attempt_unfinished', cause: null, status: null };
    expect(deadLetters).toMatchObject([
      { record: { id: 'poison' }, reason: 'attempts_unfinished', lastFailure: failure },
    ]);
    for (const [name, row] of table.rows) {
      expect(row).toMatchObject({
        end: { state: name === 'poison crm' ? 'dead' : 'delivered' },
      });
    }
  });

  it('is attempted last and alone from then on, after the rows of the others are finished', async () => {
    const ids = ['poison', 'a', 'b', 'c'];
    // one at a time
    const { drain, attempts } = startWithPoison(ids, (id) => id === 'poison', 2);
    await drain();
    expect(attempts).toEqual(['poison', 'a', 'b', 'c', 'poison', 'poison']);
  });

  it('is attempted after those that were under way with it, once it has ended more invocations', async () => {
    const ids = ['poison', 'a', 'b', 'c'];
    const { drain, attempts } = startWithPoison(ids, (id) => id === 'poison');
    await drain();
    expect(attempts.slice(0, 4).toSorted()).toEqual(ids.toSorted());
    // what had not been finished then comes between its second attempt and its last one
    const later = attempts.slice(4);
    expect([later[0], later.at(-1)]).toEqual(['poison', 'poison']);
    expect(later.slice(1, -1)).not.toContain('poison');
    expect(later.length).toBeGreaterThan(2);
  });

  it('makes no innocent be given up, however many there are of each', async () => {
    const anyBatch = fc.array(fc.boolean(), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(anyBatch, async (poisonous) => {
        const ids = poisonous.map((isPoison, n) => `${isPoison ? 'poison' : 'fine'}_${n}`);
        const { drain, deadLetters, table } = startWithPoison(ids, (id) => id.startsWith('poison'));
        await drain();
        for (const id of ids) {
          const state = id.startsWith('poison') ? 'dead' : 'delivered';
          expect(table.rows.get(`${id} crm`)).toMatchObject({ end: { state } });
        }
        expect(deadLetters).toHaveLength(poisonous.filter((isPoison) => isPoison).length);
      }),
      { numRuns: 30 },
    );
  });

  it('is attempted in the end when something else had ended its invocations', async () => {
    let crashes = 2;
    const { drain, attempts, deadLetters, table } = startWithPoison(['whs_1'], () => {
      crashes -= 1;
      return crashes >= 0;
    });
    await drain();
    expect(attempts).toHaveLength(3);
    expect(deadLetters).toEqual([]);
    expect(table.rows.get('whs_1 crm')).toMatchObject({ end: { state: 'delivered' } });
  });

  it('does not keep the others hidden that wait for their own next attempt', async () => {
    const attemptsOfOther: number[] = [];
    const queue = startSimulatedQueue({
      attempt: (id) => {
        if (id === 'poison') return 'crash';
        attemptsOfOther.push(Date.now());
        return attemptsOfOther.length === 1 ? retry('no_response') : delivered(204);
      },
      // one at a time
      concurrency: 2,
    });
    for (const id of ['poison', 'other']) {
      const record = aRecord({ id, data: { voucher: aVoucher({ expiresAt: null }) } });
      queue.send(aDelivery(record, 'crm'));
    }
    await queue.drain();
    const [first = 0, second = 0] = attemptsOfOther;
    expect(second - first).toBe(5_000);
  });

  it('keeps what it had failed with before', async () => {
    const steps = [retry('http_status', { status: 503 }), 'crash'] as const;
    const queue = startSimulatedQueue({ attempt: (_id, n) => steps[n] ?? delivered(204) });
    const expiresAt = new Date(NOW.getTime() + 60_000).toISOString();
    queue.send(aDelivery(aRecord({ data: { voucher: aVoucher({ expiresAt }) } }), 'crm'));
    await queue.drain();
    expect(queue.deadLetters).toMatchObject([
      { reason: 'voucher_expired', attempts: 1, lastFailure: { reason: 'http_status' } },
    ]);
  });

  it('is as suspect as before when it comes to no attempt', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 'pub_1' });
    const { deliver, deliveries } = createTestFanOut([crm]);
    const times = { requestedAt: NOW.toISOString() };
    const own = toDeliveryKey(aRecord(), 'crm');
    for (const token of ['first', 'second']) {
      await deliveries.take(own, { token, remainingMs: () => 0 }, times);
    }
    const another = { token: 'another', remainingMs: () => 50_000 };
    await deliveries.take(toBusinessKey('pub_1', 'crm'), another, times);
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual(['m0']);
    expect(crm.received).toEqual([]);
    expect(deliveries.rows.get(`${own.id} crm`)?.end).toMatchObject({ unfinishedTries: 2 });
  });
});
