import { afterEach, describe, expect, it } from 'vitest';
import {
  createHttpDestination,
  type HttpDestinationSettings,
} from '../../lib/destinations/http-destination.ts';
import { json, undeliverable } from '../../lib/destinations/http-request.ts';
import { http } from '../../lib/destinations/http.ts';
import { toQueueSettings } from '../../lib/destinations/queue-settings.ts';
import { delivered, rejected, retryLater } from '../../lib/destinations/response-outcome.ts';
import { checkDestinations } from '../../lib/destinations/validate-destinations.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord } from '../support/a-record.ts';
import { type Behaviour, respondWith, startReceiver } from '../support/http-receiver.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const RECORDS = ['a', 'b', 'c'].map((id) => aRecord({ id }));
const BATCH = { size: 100, windowSeconds: 5 };
const requestMany = (records: readonly RelayRecord[]) => ({
  path: '/many',
  body: json(records.map(({ id }) => id)),
});
const respondJson = (status: number, value: unknown): Behaviour =>
  respondWith(status, {}, JSON.stringify(value));

/** Sends three records with one request. */
async function deliverMany(behave: Behaviour, options: Partial<HttpDestinationSettings> = {}) {
  const receiver = await startReceiver(behave);
  stops.push(receiver.stop);
  const destination = createHttpDestination({
    name: 'crm',
    url: receiver.url,
    batch: BATCH,
    requestMany,
    ...options,
  });
  const context = { now: new Date(), signal: AbortSignal.timeout(2_000) };
  const outcomes = await destination.deliverMany?.(RECORDS, context);
  return { ...outcomes, received: receiver.received, destination };
}

describe('one request for many records', () => {
  it('has the outcome of its response for all of them', async () => {
    for (const [status, kind] of [
      [202, 'delivered'],
      [400, 'rejected'],
      [503, 'retry'],
    ] as const) {
      const { request, records, received } = await deliverMany(respondWith(status));
      expect([request?.kind, records]).toEqual([kind, [null, null, null]]);
      expect(received).toMatchObject([{ path: '/hook/many', body: '["a","b","c"]' }]);
    }
  });

  it.each([
    ['in their order', [delivered(), rejected('no such list'), retryLater()]],
    [
      'by their ids',
      new Map([
        ['c', retryLater()],
        ['b', rejected('no such list')],
        ['a', delivered()],
      ]),
    ],
  ])('has an outcome for each of them %s', async (_, mapped) => {
    const { request, records } = await deliverMany(respondWith(207), { outcomes: () => mapped });
    expect(request).toMatchObject({ kind: 'delivered', status: 207 });
    expect(records).toMatchObject([
      { kind: 'delivered' },
      { kind: 'rejected', reason: 'mapped_response', detail: 'no such list' },
      { kind: 'retry', reason: 'mapped_response', countsAsAttempt: true },
    ]);
  });

  it('gives the response and the records to outcomes, however long the response is', async () => {
    const errors = [{ id: 'b', text: 'x'.repeat(100_000) }];
    const { records } = await deliverMany(respondJson(200, { errors }), {
      outcomes: ({ json: value }, sent) => {
        const failed = new Set((value as { errors: typeof errors }).errors.map(({ id }) => id));
        return sent.map(({ id }) => (failed.has(id) ? rejected('refused') : delivered()));
      },
    });
    expect(records?.map((each) => each?.kind)).toEqual(['delivered', 'rejected', 'delivered']);
  });

  it('is uncertain for a record without a result', async () => {
    const { records } = await deliverMany(respondWith(200), { outcomes: () => [delivered()] });
    const noResult = { kind: 'retry', reason: 'no_result', maybeDelivered: true };
    expect(records).toMatchObject([{ kind: 'delivered' }, noResult, noResult]);
  });

  it('failed when the receiver took none of them', async () => {
    const { request } = await deliverMany(respondWith(200), {
      outcomes: (_response, sent) => sent.map(() => retryLater()),
    });
    expect(request).toMatchObject({ kind: 'retry', status: 200 });
  });

  it('leaves it to the response when outcomes is undefined', async () => {
    const { request, records } = await deliverMany(respondWith(202), { outcomes: () => undefined });
    expect(request).toMatchObject({ kind: 'delivered', status: 202 });
    expect(records).toEqual([null, null, null]);
  });

  it('is never delivered by an outcomes that finds no error in a response which is not a success', async () => {
    const outcomes = (_response: unknown, sent: readonly RelayRecord[]) =>
      sent.map(() => delivered());
    for (const [status, kind] of [
      [400, 'rejected'],
      [422, 'rejected'],
      [302, 'rejected'],
      [503, 'retry'],
    ] as const) {
      const { request, records } = await deliverMany(respondWith(status), { outcomes });
      expect(request).toMatchObject({ kind, status });
      expect(records).toEqual([null, null, null]);
    }
    const mapped = await deliverMany(respondWith(409), { outcomes, outcome: () => delivered() });
    expect(mapped.records?.map((each) => each?.kind)).toEqual(Array(3).fill('delivered'));
  });

  it('is not made again when outcomes threw, or the receiver is gone', async () => {
    const threw = await deliverMany(respondWith(200), {
      outcomes: () => {
        throw new RangeError('unexpected');
      },
    });
    const outcome = { kind: 'rejected', reason: 'outcome_threw', cause: 'RangeError' };
    expect(threw.records).toMatchObject([outcome, outcome, outcome]);
    const gone = await deliverMany(respondWith(410));
    expect(gone.records?.map((each) => each?.kind)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('leaves out what cannot be sent, each with its reason', async () => {
    const { records, received } = await deliverMany(respondWith(200), {
      undeliverableReason: ({ id }) => (id === 'b' ? 'no e-mail' : null),
    });
    expect(records).toMatchObject([
      null,
      { kind: 'rejected', reason: 'undeliverable', detail: 'no e-mail' },
      null,
    ]);
    expect(received.map(({ body }) => body)).toEqual(['["a","c"]']);
  });

  it('is not made when none of them can be sent, or the body is above 6 MB', async () => {
    const none = await deliverMany(respondWith(200), { undeliverableReason: () => 'no e-mail' });
    const large = await deliverMany(respondWith(200), {
      requestMany: () => ({ body: json('x'.repeat(6_000_001)) }),
    });
    const refused = await deliverMany(respondWith(200), {
      requestMany: () => undeliverable('one of them'),
    });
    expect(large).toMatchObject({
      request: { kind: 'rejected', cause: 'BodyTooLarge' },
      records: [null, null, null],
    });
    expect(refused).toMatchObject({ request: { detail: 'one of them' } });
    expect([...none.received, ...large.received, ...refused.received]).toEqual([]);
  });
});

describe('the options of a batch', () => {
  const check = (options: object) =>
    checkDestinations([http({ name: 'crm', url: 'https://example.test/', ...options })]);

  it.each([
    [{ batch: BATCH }, 'has batch and no requestMany'],
    [{ batch: BATCH, requestMany, request: () => ({}) }, 'leave request out'],
    [{ requestMany }, 'has requestMany and no batch'],
    [{ outcomes: () => [] }, 'has outcomes and no batch'],
    [{ batch: { ...BATCH, size: 10_001 }, requestMany }, 'has a batch.size'],
    [{ batch: { ...BATCH, size: 0 }, requestMany }, 'has a batch.size'],
    [{ batch: { ...BATCH, windowSeconds: 301 }, requestMany }, 'has a batch.windowSeconds'],
    [{ batch: { ...BATCH, windowSeconds: 0.5 }, requestMany }, 'has a batch.windowSeconds'],
  ])('%o are refused: %s', (options, fault) => {
    expect(() => check(options)).toThrow(fault);
  });

  it('are accepted up to their bounds', () => {
    for (const size of [1, 10_000]) {
      for (const windowSeconds of [0, 300]) {
        expect(() => check({ batch: { size, windowSeconds }, requestMany })).not.toThrow();
      }
    }
  });

  it.each([
    [{ perSecond: 10, perMinute: 150 }, { size: 1_000, windowSeconds: 30 }, [9, 2_000, 30]],
    [{ perSecond: 75, perMinute: 700 }, { size: 75, windowSeconds: 0 }, [3, 2_775, 1]],
    // invocations that begin together are no more than a second allows
    [{ perSecond: 3 }, { size: 1_000, windowSeconds: 1 }, [3, 3_000, 1]],
    [{}, { size: 75, windowSeconds: 5 }, [10, 75, 5]],
    [{}, { size: 4, windowSeconds: 0 }, [10, 8, 0]],
    [{ perSecond: 1 }, { size: 10_000, windowSeconds: 1 }, [2, 10_000, 1]],
  ])('%o and %o make of the queue %j', (limit, batch, expected) => {
    const none = { perSecond: null, perMinute: null, concurrency: null };
    const settings = toQueueSettings({ ...none, ...limit }, batch);
    const { maximumConcurrency, batchSize, batchWindowSeconds } = settings;
    expect([maximumConcurrency, batchSize, batchWindowSeconds]).toEqual(expected);
  });
});
