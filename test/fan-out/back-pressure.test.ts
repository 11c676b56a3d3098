import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { delivered, type DeliveryOutcome, retry } from '../../lib/destinations/outcome.ts';
import { type Limit, toQueueSettings } from '../../lib/destinations/queue-settings.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import {
  aDelivery,
  aDestination,
  createTestFanOut,
  NOW,
  settle,
  wait,
} from '../support/fan-out.ts';
import { aBatchOf, aContext } from '../support/lambda.ts';
import { startSimulatedQueue } from '../support/simulated-queue.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;
const unavailable = () => retry('http_status', { status: 503 });
const tooMany = (retryAfterSeconds: number | null = null) =>
  retry('http_status', { status: 429, countsAsAttempt: false, retryAfterSeconds });
const elapsedMs = () => Date.now() - NOW.getTime();

/** Deliveries to crm that never expire, with different records. */
const deliveries = (count: number, prefix = 'whs') =>
  Array.from({ length: count }, (_, n) =>
    aDelivery(
      aRecord({ id: `${prefix}_${n}`, data: { voucher: aVoucher({ expiresAt: null }) } }),
      'crm',
    ),
  );

describe('the limit of a destination', () => {
  const LIMITS: readonly Partial<Limit>[] = [
    { perSecond: 10 },
    { perSecond: 10, perMinute: 600 },
    { perSecond: 75, perMinute: 700 },
    { perSecond: 0.5 },
    { perMinute: 20 },
    { perSecond: 200 },
  ];

  it.each(LIMITS)('%o makes an invocation last, its last interval included', async (limit) => {
    const crm = aDestination({ name: 'crm', limit });
    const { deliver } = createTestFanOut([crm]);
    const { batchSize, intervalMs } = toQueueSettings(crm.limit);
    expect(await deliver('crm', ...deliveries(batchSize))).toEqual([]);
    expect(crm.received).toHaveLength(batchSize);
    for (const [index, ms] of crm.receivedAfterMs.entries()) {
      expect(Math.abs(ms - index * intervalMs)).toBeLessThan(2);
    }
    expect(elapsedMs()).toBeGreaterThanOrEqual(Math.floor(batchSize * intervalMs));
  });

  it('holds however the invocations fall on the environments of the function', async () => {
    const anyRun = fc.record({
      limit: fc.constantFrom(...LIMITS),
      environments: fc.integer({ min: 2, max: 5 }),
      latencyMs: fc.integer({ min: 0, max: 3_000 }),
      batchSizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 6 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ limit, environments, latencyMs, batchSizes, seed }) => {
        const sentAtMs: number[] = [];
        const idle = Array.from({ length: environments }, () => {
          const crm = aDestination({ name: 'crm', limit }, async () => {
            sentAtMs.push(Date.now());
            await wait(latencyMs);
            return delivered(204);
          });
          return { crm, handler: createTestFanOut([crm]).handler };
        });
        const { maximumConcurrency } = toQueueSettings({ ...NO_LIMIT, ...limit });
        const queue = batchSizes.map((size, n) => deliveries(size, `batch_${n}`));
        const arn = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-to-crm';
        let next = seed;
        /** One of the invocations that Lambda runs at once: each in any idle environment. */
        const runOneByOne = async (): Promise<void> => {
          for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
            next += 7;
            const [environment] = idle.splice(next % idle.length, 1);
            if (environment === undefined) throw new Error('No environment is idle');
            const endsAtMs = Date.now() + 60_000;
            const event = aBatchOf({ queueArn: arn, sentAt: new Date() }, ...batch);
            await environment.handler(
              event,
              aContext(() => endsAtMs - Date.now()),
            );
            idle.push(environment);
          }
        };
        const atOnce = Math.min(maximumConcurrency, environments);
        await settle(Promise.all(Array.from({ length: atOnce }, runOneByOne)));

        const perMs = (0.97 * rateOf(limit)) / 1_000;
        for (const [first, beginMs] of sentAtMs.entries()) {
          for (const [more, endMs] of sentAtMs.slice(first).entries()) {
            // two of each invocation may come together: one on time after one that was late
            expect(more + 1).toBeLessThanOrEqual((endMs - beginMs) * perMs + 2 * atOnce + 0.01);
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  it.each([
    [{ concurrency: 2 }, 1],
    [{ concurrency: 8 }, 1],
    [{ concurrency: 40 }, 4],
    [{}, 50],
    [{ perSecond: 100, concurrency: 8 }, 4],
  ])('%o lets an invocation make %i attempts at once', async (limit, expected) => {
    let running = 0;
    let most = 0;
    const crm = aDestination({ name: 'crm', limit }, async (n) => {
      running += 1;
      most = Math.max(most, running);
      await wait(4_000);
      running -= 1;
      if (n % 3 === 0) throw new Error('an attempt that throws uses up no place');
      return delivered(204);
    });
    const { deliverWith } = createTestFanOut([crm]);
    await deliverWith('crm', { timeoutMs: 900_000 }, ...deliveries(60));
    expect(most).toBe(expected);
    expect(crm.received).toHaveLength(60);
  });

  it('hides what the time of an invocation is too short for, and takes no row for it', async () => {
    const crm = aDestination({ name: 'crm', limit: { perSecond: 0.5 } });
    const fanOut = createTestFanOut([crm]);
    const staying = await fanOut.deliver('crm', ...deliveries(20));
    // 60 s, without the 13.5 s of an attempt and of what is before and after it, at one in 4.1 s
    expect(crm.received).toHaveLength(12);
    expect(staying).toHaveLength(8);
    expect(new Set(fanOut.hidden.map(({ seconds }) => seconds))).toEqual(new Set([6]));
    expect(fanOut.deliveries.rows.size).toBe(12);
    expect(fanOut.telemetry.deliveries.slice(12)).toMatchObject(
      Array.from({ length: 8 }, () => ({ status: 'waiting', failure: 'insufficient_time' })),
    );
  });

  const NO_LIMIT: Limit = { perSecond: null, perMinute: null, concurrency: null };
  const rateOf = ({ perSecond, perMinute }: Partial<Limit>) =>
    Math.min(perSecond ?? Infinity, (perMinute ?? Infinity) / 60);
});

describe('a destination that refuses requests for now', () => {
  /** crm that refuses the first requests; its limit makes the requests one after the other. */
  function startRefusing(outcome: () => DeliveryOutcome, times = Infinity) {
    const crm = aDestination({ name: 'crm', limit: { concurrency: 2 } }, async (n) => {
      await wait(10);
      return n < times ? outcome() : delivered(204);
    });
    return { crm, ...createTestFanOut([crm]) };
  }

  it('gets nothing until its Retry-After is over, and the whole batch waits for that', async () => {
    const { crm, deliver } = startRefusing(() => tooMany(20), 1);
    expect(await deliver('crm', ...deliveries(5))).toEqual([]);
    expect(crm.received).toHaveLength(6);
    const [first, ...later] = crm.receivedAfterMs;
    expect(first).toBe(0);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(20_000);
  });

  it('gets nothing after a voucher has expired during its Retry-After', async () => {
    const expiresAt = new Date(NOW.getTime() + 10_000).toISOString();
    const { crm, deliver, deadLetters } = startRefusing(() => tooMany(20), 1);
    const record = aRecord({ data: { voucher: aVoucher({ expiresAt }) } });
    expect(await deliver('crm', aDelivery(record, 'crm'))).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(deadLetters).toMatchObject([{ reason: 'voucher_expired', attempts: 0 }]);
  });

  it('is not waited for beyond the invocation when its Retry-After is longer', async () => {
    const { crm, deliver, hidden } = startRefusing(() => tooMany(3_600));
    expect(await deliver('crm', ...deliveries(3))).toHaveLength(3);
    expect(crm.received).toHaveLength(1);
    expect(elapsedMs()).toBeLessThan(60_000);
    expect(hidden).toHaveLength(3);
    expect(Math.max(...hidden.map(({ seconds }) => seconds))).toBe(900);
  });

  it('gets the requests after a pause, and at a slower pace than before', async () => {
    const { crm, deliver } = startRefusing(() => tooMany(), 1);
    await deliver('crm', ...deliveries(5));
    const gapsMs = crm.receivedAfterMs.slice(1).map((ms, n) => ms - (crm.receivedAfterMs[n] ?? 0));
    expect(gapsMs[0]).toBeGreaterThanOrEqual(1_000);
    for (const gapMs of gapsMs.slice(1)) expect(gapMs).toBeGreaterThan(50);
  });

  it('gets them as fast as before when it has taken some', async () => {
    const { crm, deliver } = startRefusing(() => tooMany(), 1);
    for (let batch = 0; batch < 10; batch += 1) await deliver('crm', ...deliveries(10, `${batch}`));
    const last = crm.receivedAfterMs.slice(-10);
    expect((last.at(-1) ?? 0) - (last[0] ?? 0)).toBeLessThan(150);
  });

  it('uses up no attempt and fails no delivery, also after days', async () => {
    const { crm, deliverWith, deadLetters, hidden, deliveries: table } = startRefusing(tooMany);
    const [message] = deliveries(1);
    for (const days of [0, 1, 2, 7, 13.4]) {
      vi.setSystemTime(NOW.getTime() + days * DAY_MS);
      expect(await deliverWith('crm', { sentAt: NOW }, message)).toEqual(['m0']);
    }
    // more slowly with each refusal
    expect(crm.received.length).toBeLessThan(5 * 10);
    expect(deadLetters).toEqual([]);
    expect(Math.max(...hidden.map(({ seconds }) => seconds))).toBe(900);
    const lastFailure = { reason: 'http_status', status: 429 };
    expect(table.rows.get('whs_0 crm')).toMatchObject({
      end: { state: 'waiting', lastFailure },
      attempts: 0,
    });
  });

  it('does not use up the attempts of a delivery that has failed before', async () => {
    const crm = aDestination({ name: 'crm' }, (n) => (n % 2 === 0 ? unavailable() : tooMany()));
    const fanOut = createTestFanOut([crm]);
    const [message] = deliveries(1);
    for (let n = 0; n < 4; n += 1) {
      await fanOut.deliver('crm', message);
      await fanOut.advance(900);
    }
    const failed = fanOut.telemetry.attempts.filter(({ result }) => result === 'failed');
    expect(fanOut.telemetry.attempts.length).toBeGreaterThan(failed.length);
    expect(fanOut.deliveries.rows.get('whs_0 crm')).toMatchObject({ attempts: failed.length });
  });

  it('loses a delivery only when SQS would delete its message soon', async () => {
    const { crm, deliverWith, deadLetters } = startRefusing(tooMany);
    const sentAt = new Date(NOW.getTime() - 13.51 * DAY_MS);
    expect(await deliverWith('crm', { sentAt }, ...deliveries(1))).toEqual([]);
    expect(crm.received.length).toBeGreaterThan(0);
    expect(deadLetters).toMatchObject([
      { reason: 'too_old', attempts: 0, lastFailure: { reason: 'http_status', status: 429 } },
    ]);
  });

  it('does not open the circuit, and is counted as refused', async () => {
    const { deliver, telemetry } = startRefusing(tooMany);
    for (let n = 0; n < 3; n += 1) await deliver('crm', ...deliveries(10, `${n}`));
    expect(telemetry.errors).toEqual([]);
    expect(new Set(telemetry.attempts.map(({ result }) => result))).toEqual(new Set(['refused']));
    expect(telemetry.batches.some(({ isCircuitOpen }) => isCircuitOpen)).toBe(false);
  });

  it('pauses for the Retry-After of a failure too, which uses up an attempt', async () => {
    const unavailableFor = () => retry('http_status', { status: 503, retryAfterSeconds: 20 });
    const { crm, deliver, deliveries: table } = startRefusing(unavailableFor, 1);
    await deliver('crm', ...deliveries(2));
    expect(crm.receivedAfterMs[1]).toBeGreaterThanOrEqual(20_000);
    expect(table.rows.get('whs_0 crm')).toMatchObject({ attempts: 1 });
  });

  it('holds up no other destination', async () => {
    const crm = aDestination({ name: 'crm' }, () => tooMany(3_600));
    const sms = aDestination({ name: 'sms' });
    const { deliver } = createTestFanOut([crm, sms]);
    await deliver('crm', ...deliveries(1));
    const beginMs = Date.now();
    await deliver('sms', aDelivery(aRecord(), 'sms'));
    expect(Date.now() - beginMs).toBe(0);
    expect(sms.received).toHaveLength(1);
  });
});

describe('a destination that is down', () => {
  /** crm that is down until `isUp` is set, after a batch that has opened its circuit. */
  async function startDown() {
    const state = { isUp: false };
    const crm = aDestination({ name: 'crm', limit: { concurrency: 2 } }, () =>
      state.isUp ? delivered(204) : unavailable(),
    );
    const sms = aDestination({ name: 'sms' });
    const fanOut = createTestFanOut([crm, sms]);
    await fanOut.deliver('crm', ...deliveries(5, 'first'));
    fanOut.hidden.splice(0);
    crm.receivedAfterMs.splice(0);
    return { crm, sms, state, ...fanOut };
  }

  it('gets five requests, and its circuit opens', async () => {
    const { crm, telemetry } = await startDown();
    expect(crm.received).toHaveLength(5);
    expect(telemetry.errors).toEqual([
      {
        code: 'circuit_opened',
        id: 'first_4',
        destination: 'crm',
        failure: 'http_status',
        cause: undefined,
        httpStatus: 503,
      },
    ]);
  });

  it('uses up no attempt of the deliveries that found it out, and hides them like the others', async () => {
    const crm = aDestination({ name: 'crm' }, unavailable);
    const { deliver, deliveries: table, hidden, telemetry } = createTestFanOut([crm]);
    expect(await deliver('crm', ...deliveries(5))).toHaveLength(5);
    expect([...table.rows.values()].map(({ attempts }) => attempts)).toEqual([0, 0, 0, 0, 0]);
    expect(new Set(hidden.map(({ seconds }) => seconds))).toEqual(new Set([6]));
    expect(telemetry.attempts.map(({ result }) => result)).toEqual(
      Array.from({ length: 5 }, () => 'failed'),
    );
  });

  it('uses up an attempt of each delivery that fails while others are taken', async () => {
    const crm = aDestination({ name: 'crm', limit: { concurrency: 2 } }, (n) =>
      n % 5 === 4 ? delivered(204) : unavailable(),
    );
    const { deliver, deliveries: table } = createTestFanOut([crm]);
    expect(await deliver('crm', ...deliveries(10))).toHaveLength(8);
    expect([...table.rows.values()].map(({ attempts }) => attempts)).toEqual(
      Array.from({ length: 10 }, () => 1),
    );
  });

  it('stays in use when only two of its deliveries fail, however often', async () => {
    const crm = aDestination({ name: 'crm' }, unavailable);
    const { deliver, advance, telemetry } = createTestFanOut([crm]);
    for (let n = 0; n < 4; n += 1) {
      await deliver('crm', ...deliveries(2));
      await advance(43_000);
    }
    expect(crm.received).toHaveLength(8);
    expect(telemetry.errors).toEqual([]);
  });

  it('gets nothing for half a minute; the invocation waits, and then probes with one delivery', async () => {
    const { crm, deliver, hidden, telemetry } = await startDown();
    expect(await deliver('crm', ...deliveries(10))).toHaveLength(10);
    expect(crm.receivedAfterMs).toEqual([30_000]);
    expect(hidden).toHaveLength(10);
    expect(telemetry.batches.map(({ isCircuitOpen }) => isCircuitOpen)).toEqual([false, true]);
  });

  it('gets no second request while the probe is under way', async () => {
    const crm = aDestination({ name: 'crm' }, async () => {
      await wait(1_000);
      return unavailable();
    });
    const { deliver } = createTestFanOut([crm]);
    await deliver('crm', ...deliveries(5, 'first'));
    await deliver('crm', ...deliveries(10));
    expect(crm.received).toHaveLength(6);
  });

  it('costs a delivery neither an attempt nor its row when it is not attempted', async () => {
    const { deliver, hidden, deliveries: table, telemetry } = await startDown();
    telemetry.deliveries.splice(0);
    await deliver('crm', ...deliveries(10));
    const rows = [...table.rows].filter(([name]) => name.startsWith('whs'));
    expect(rows).toMatchObject([['whs_0 crm', { attempts: 0, end: { state: 'waiting' } }]]);
    const [probe, ...others] = telemetry.deliveries;
    expect(probe).toMatchObject({ status: 'waiting', failure: 'http_status', httpStatus: 503 });
    for (const other of others) {
      expect(other).toMatchObject({
        status: 'waiting',
        failure: 'circuit_open',
        cause: 'http_status',
        httpStatus: 503,
      });
    }
    expect(Math.max(...hidden.map(({ seconds }) => seconds))).toBeLessThanOrEqual(60);
  });

  it('gives no delivery up, and hides none for more than 15 minutes, in twelve days', async () => {
    const { crm, deliverWith, deadLetters, hidden } = await startDown();
    for (let day = 0; day <= 12; day += 1) {
      vi.setSystemTime(NOW.getTime() + day * DAY_MS);
      expect(await deliverWith('crm', { sentAt: NOW }, ...deliveries(10))).toHaveLength(10);
    }
    expect(deadLetters).toEqual([]);
    expect(hidden).toHaveLength(130);
    expect(Math.max(...hidden.map(({ seconds }) => seconds))).toBeLessThanOrEqual(900);
    // one or two probes in each invocation
    expect(crm.receivedAfterMs.length).toBeLessThanOrEqual(2 * 13);
  });

  it('gets all that waits as soon as a probe succeeds', async () => {
    const { crm, state, deliver } = await startDown();
    state.isUp = true;
    expect(await deliver('crm', ...deliveries(10))).toEqual([]);
    expect(crm.receivedAfterMs).toEqual(Array.from({ length: 10 }, () => 30_000));
  });

  it('is not probed with a duplicate, which says nothing about it', async () => {
    const { crm, state, deliver, deliverWith } = await startDown();
    state.isUp = true;
    const [known, other] = deliveries(2);
    await deliver('crm', known);
    state.isUp = false;
    await deliver('crm', ...deliveries(5, 'second'));
    state.isUp = true;
    const before = crm.received.length;
    expect(await deliverWith('crm', {}, known, other)).toEqual([]);
    expect(crm.received.slice(before)).toMatchObject([{ id: 'whs_1' }]);
  });

  it('may reject the delivery that probes it: then it is up', async () => {
    const crm = aDestination({ name: 'crm', limit: { concurrency: 2 } }, (n) =>
      n < 5 ? unavailable() : delivered(204),
    );
    const broken = {
      ...crm,
      deliver: async (...args: Parameters<typeof crm.deliver>) => {
        const outcome = await crm.deliver(...args);
        if (args[0].id === 'whs_0') throw new TypeError('no such field');
        return outcome;
      },
    };
    const { deliver, deadLetters } = createTestFanOut([broken]);
    await deliver('crm', ...deliveries(5, 'first'));
    expect(await deliver('crm', ...deliveries(3))).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: 'rejected', record: { id: 'whs_0' } }]);
  });

  it('holds up no other destination', async () => {
    const { sms, deliver } = await startDown();
    const beginMs = Date.now();
    await deliver('sms', aDelivery(aRecord(), 'sms'));
    expect(Date.now() - beginMs).toBe(0);
    expect(sms.received).toHaveLength(1);
  });
});

describe('a destination that is down for good', () => {
  it('has its deliveries given up with their reason before SQS moves or deletes their messages', async () => {
    const queue = startSimulatedQueue({ attempt: unavailable });
    for (const message of deliveries(3)) queue.send(message);
    await queue.drain(20_000);
    expect(queue.deadLetters).toMatchObject(
      Array.from({ length: 3 }, () => ({ reason: 'too_old' })),
    );
    expect(queue.mostReceives()).toBeLessThan(MAX_RECEIVE_COUNT);
    expect(elapsedMs()).toBeLessThan(14 * DAY_MS);
  });

  /** The redrive policy of the queue of a destination in serverless.yml. */
  const MAX_RECEIVE_COUNT = 1_000;
});
