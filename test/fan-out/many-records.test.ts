import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  delivered,
  type DeliveryOutcome,
  rejected,
  retry,
} from '../../lib/destinations/outcome.ts';
import type { DestinationOptions } from '../../lib/destinations/destination.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aBatchDestination, aDelivery, createTestFanOut, NOW } from '../support/fan-out.ts';
import { startSimulatedQueue } from '../support/simulated-queue.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const deliveryOf = (id: string, expiresAt: string | null = null) =>
  aDelivery(aRecord({ id, data: { voucher: aVoucher({ expiresAt }) } }), 'crm');
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `whs_${n}`);
const invalid = rejected('http_status', { status: 400 });
const down = retry('http_status', { status: 503 });
const tooMany = retry('http_status', { status: 429, countsAsAttempt: false });
const lost = retry('timeout', { maybeDelivered: true });

/** crm with a fanOut; each request comes to one outcome, or to one for each of its records. */
function start(
  size: number,
  respond: (ids: readonly string[], n: number) => DeliveryOutcome | readonly DeliveryOutcome[],
  options: Partial<DestinationOptions> & { readonly onNoResponse?: 'dead-letter' } = {},
) {
  const crm = aBatchDestination({ name: 'crm', size, ...options }, async (records, n) =>
    respond(
      records.map(({ id }) => id),
      n,
    ),
  );
  const fanOut = createTestFanOut([crm]);
  return {
    ...fanOut,
    requests: crm.requests,
    deliverIds: (ids: readonly string[]) =>
      fanOut.deliver('crm', ...ids.map((id) => deliveryOf(id))),
    endOf: (id: string) => fanOut.deliveries.rows.get(`${id} crm`)?.end,
    deadIds: () => fanOut.deadLetters.map((each) => 'record' in each && each.record.id),
  };
}

describe('deliveries that share a request', () => {
  it('are sent together, as many as the destination takes, at its pace', async () => {
    const limit = { perSecond: 2 };
    const { deliverIds, requests, deadLetters } = start(4, () => delivered(200), { limit });
    expect(await deliverIds(idsOf(10))).toEqual([]);
    expect(requests.map(({ ids }) => ids.length)).toEqual([4, 4, 2]);
    const [first = 0, second = 0, third = 0] = requests.map(({ afterMs }) => afterMs);
    // two invocations share 0.97 of the rate
    for (const ms of [second - first, third - second]) expect(ms / 1_031).toBeCloseTo(1, 2);
    expect(deadLetters).toEqual([]);
  });

  it('leave out what was delivered before, and what has expired', async () => {
    const { deliver, deliverIds, requests, deadLetters, endOf } = start(4, () => delivered(200));
    await deliverIds(['whs_0']);
    const expired = deliveryOf('whs_1', new Date(NOW.getTime() - 1).toISOString());
    const staying = await deliver('crm', deliveryOf('whs_0'), expired, deliveryOf('whs_2'));
    expect(staying).toEqual([]);
    expect(requests.map(({ ids }) => ids)).toEqual([['whs_0'], ['whs_2']]);
    expect(deadLetters).toMatchObject([{ record: { id: 'whs_1' }, reason: 'voucher_expired' }]);
    expect(endOf('whs_2')).toMatchObject({ state: 'delivered' });
  });

  it('have an outcome of their own each', async () => {
    const { deliverIds, endOf, deadIds, hidden } = start(3, () => [delivered(200), invalid, down]);
    expect(await deliverIds(idsOf(3))).toEqual(['m2']);
    expect(idsOf(3).map((id) => endOf(id)?.state)).toEqual(['delivered', 'dead', 'waiting']);
    expect(endOf('whs_2')).toMatchObject({ attempts: 1, lastFailure: { status: 503 } });
    expect(deadIds()).toEqual(['whs_1']);
    expect(hidden).toEqual([{ queue: 'crm', handle: 'handle2', seconds: 5 }]);
  });

  it('all fail with a request that failed, each with its own attempts', async () => {
    const { deliverIds, endOf, advance, requests } = start(3, (_, n) =>
      n === 0 ? down : delivered(200),
    );
    expect(await deliverIds(idsOf(3))).toHaveLength(3);
    for (const id of idsOf(3)) expect(endOf(id)).toMatchObject({ state: 'waiting', attempts: 1 });
    await advance(6);
    expect(await deliverIds(idsOf(3))).toEqual([]);
    // one that makes every request fail must not use up the attempts of the others
    expect(requests.map(({ ids }) => ids.length)).toEqual([3, 1, 1, 1]);
    for (const id of idsOf(3)) expect(endOf(id)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  it('are all uncertain when no response came', async () => {
    const { deliverIds, deadLetters } = start(3, () => lost, { onNoResponse: 'dead-letter' });
    expect(await deliverIds(idsOf(3))).toEqual([]);
    expect(deadLetters).toMatchObject(idsOf(3).map(() => ({ reason: 'maybe_delivered' })));
  });

  it('wait together when the destination takes no more, and use up no attempt', async () => {
    const { deliverIds, endOf, requests } = start(3, (_, n) => (n < 2 ? tooMany : delivered(200)));
    expect(await deliverIds(idsOf(3))).toEqual([]);
    expect(requests.map(({ ids }) => ids.length)).toEqual([3, 3, 3]);
    expect(endOf('whs_0')).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('wait without a busy loop while the destination takes only some of them', async () => {
    const { deliverIds, requests } = start(2, (ids) =>
      ids.map((id) => (id === 'whs_1' ? tooMany : delivered(200))),
    );
    expect(await deliverIds(idsOf(2))).toEqual(['m1']);
    expect(requests.length).toBeLessThan(60);
  });

  it('are sent in halves when the request is rejected, until only those to blame are given up', async () => {
    const bad = new Set(['whs_3', 'whs_9']);
    const { deliverIds, deadIds, requests, endOf } = start(16, (ids) =>
      ids.some((id) => bad.has(id)) ? invalid : delivered(200),
    );
    expect(await deliverIds(idsOf(16))).toEqual([]);
    expect(new Set(deadIds())).toEqual(bad);
    expect(deadIds()).toHaveLength(bad.size);
    for (const id of idsOf(16)) {
      expect(endOf(id)).toMatchObject({ state: bad.has(id) ? 'dead' : 'delivered', attempts: 1 });
    }
    expect(requests.length).toBeLessThanOrEqual(1 + 2 * 2 * 4);
  });

  it('stay on the queue when there is no time to split them', async () => {
    const limit = { perSecond: 0.1 };
    const { deliverIds, deadLetters, requests, endOf } = start(16, () => invalid, { limit });
    const staying = await deliverIds(idsOf(16));
    expect(requests.length).toBeGreaterThan(1);
    expect(staying.length).toBe(16 - deadLetters.length);
    for (const message of staying) {
      expect(endOf(`whs_${message.slice(1)}`)).toMatchObject({ state: 'waiting', attempts: 0 });
    }
  });
});

type Fate = 'delivered' | 'invalid' | 'poison' | 'retried';

describe('deliveries that share requests, whatever the requests come to', () => {
  const anyRun = fc.record({
    fates: fc.array(
      fc.constantFrom<Fate>('delivered', 'delivered', 'delivered', 'invalid', 'poison', 'retried'),
      { minLength: 1, maxLength: 12 },
    ),
    size: fc.integer({ min: 2, max: 10 }),
    requests: fc.array(fc.constantFrom('down', 'refused', 'lost', 'partial', 'crash'), {
      maxLength: 5,
    }),
    crashes: fc.array(
      fc.record({
        call: fc.integer({ min: 0, max: 60 }),
        when: fc.constantFrom('before', 'after'),
      }),
      { maxLength: 3 },
    ),
  });

  it('are never lost, repeated only after an uncertain request or a crash, and their rows say so', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ fates, size, requests, crashes }) => {
        vi.setSystemTime(NOW);
        const retried = new Set<string>();
        let uncertain = 0;
        const poison = fates.indexOf('poison');
        // of several, nothing but failures would come, as of a destination that is down for days
        const fateOf = (id: string): Fate => {
          const place = Number(id.slice('whs_'.length));
          const fate = fates[place] ?? 'delivered';
          return fate === 'poison' && place !== poison ? 'delivered' : fate;
        };
        const queue = startSimulatedQueue({
          attempt: () => delivered(200),
          batchSize: size,
          attemptMany(ids, n) {
            const step = requests[n];
            if (step === 'crash') return 'crash';
            if (step === 'down') return down;
            if (step === 'refused') return tooMany;
            if (step === 'lost') {
              uncertain += 1;
              // the receiver has acted, and its response is lost
              return { outcome: lost, took: ids };
            }
            // a poison record makes every request fail, an invalid one has it rejected
            if (ids.some((id) => fateOf(id) === 'poison')) return down;
            const isInvalid = (id: string): boolean => fateOf(id) === 'invalid';
            if (step !== 'partial' && ids.some(isInvalid)) return invalid;
            return ids.map((id) => {
              if (isInvalid(id)) return invalid;
              if (fateOf(id) !== 'retried' || retried.has(id)) return delivered(200);
              retried.add(id);
              return down;
            });
          },
          crashAt: (call) => crashes.find((each) => each.call === call)?.when ?? null,
        });
        const ids = fates.map((_, n) => `whs_${n}`);
        for (const id of ids) queue.send(deliveryOf(id));
        // while only a poison is left and its circuit is open, it waits for up to 950 receives
        await queue.drain(2_000);
        for (const id of ids) {
          const end = queue.table.rows.get(`${id} crm`)?.end;
          const taken = queue.deliveredIds.filter((each) => each === id).length;
          const letters = queue.deadLetters.filter(
            (each) => 'record' in each && each.record.id === id,
          ).length;
          // after three attempts that ended their invocation a delivery is given up
          const mustArrive = fateOf(id) === 'delivered' && queue.countCrashes() < 3;
          expect(end?.state).toBeOneOf(mustArrive ? ['delivered'] : ['delivered', 'dead']);
          expect(end?.state === 'dead' ? letters : taken).toBeGreaterThan(0);
          expect(taken + letters).toBeLessThanOrEqual(1 + uncertain + queue.countCrashes());
        }
      }),
      { numRuns: 40 },
    );
  });
});
