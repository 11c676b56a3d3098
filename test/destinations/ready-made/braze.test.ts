import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { braze, type BrazeOptions } from '../../../lib/destinations/ready-made/braze.ts';
import { redeemableCode } from '../../../lib/record/redeemable-code.ts';
import { BrazeTrackSchema } from '../../docs/api-shapes.ts';
import { type Behaviour, type Received, respondWith } from '../../support/http-receiver.ts';
import {
  aCodeFor,
  PERSONAL,
  SECRET,
  someCodes,
  startReadyMade,
  WITHOUT_PACE,
} from '../../support/ready-made.ts';

const declare = (options: Partial<BrazeOptions> = {}) =>
  braze({
    url: 'https://rest.iad-01.braze.com',
    secret: SECRET,
    ...WITHOUT_PACE,
    attributes: (record) => ({
      voucher_code: redeemableCode(record),
      voucher_expires_at: record.data.voucher?.expiresAt ?? null,
    }),
    ...options,
  });
/** An event for every second record. */
const event: NonNullable<BrazeOptions['event']> = ({ id }) =>
  Number(id.slice(-1)) % 2 === 1 ? { name: 'code_issued', properties: { record: id } } : null;

const readBody = ({ body }: Pick<Received, 'body'>) => v.parse(BrazeTrackSchema, JSON.parse(body));
const accept = (errors?: readonly unknown[]): Behaviour =>
  respondWith(201, {}, JSON.stringify({ message: 'success', errors }));
const notAccepted = (index: number, array = 'attributes') => ({
  type: "'email' of crm-5512 is not valid",
  input_array: array,
  index,
});
const listKinds = (records: readonly ({ kind: string } | null)[]) =>
  records.map((outcome) => outcome?.kind ?? null);

describe('braze', () => {
  it('sets attributes on the profiles of many customers with one request', async () => {
    const { attemptMany, received } = await startReadyMade(declare(), accept());
    const { request } = await attemptMany(someCodes(3));
    expect(request).toMatchObject({ kind: 'delivered', status: 201 });
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: '/hook/users/track',
        headers: { authorization: 'Bearer invented-key', 'content-type': 'application/json' },
      },
    ]);
    const [body] = received.map(readBody);
    expect(body?.events).toBeUndefined();
    expect(body?.attributes).toEqual(
      [0, 1, 2].map((n) => ({
        external_id: `crm-5512-${n}`,
        voucher_code: `HARBOUR-${n}`,
        voucher_expires_at: null,
      })),
    );
  });

  it('reports an event of some of them, with the time of the record', async () => {
    const { attemptMany, received } = await startReadyMade(declare({ event }), accept());
    await attemptMany(someCodes(2));
    const [body] = received.map(readBody);
    expect(body?.attributes).toHaveLength(2);
    expect(body?.events).toEqual([
      {
        external_id: 'crm-5512-1',
        name: 'code_issued',
        time: '2026-03-05T09:15:03.120Z',
        properties: { record: 'whs_1' },
      },
    ]);
  });

  it.each([
    ['attributes alone', {}, 75],
    ['attributes and an event of each', { event }, 37],
  ])('sends up to 75 objects in a request: %s', async (_, options, size) => {
    const { destination, attemptMany, received } = await startReadyMade(declare(options), accept());
    expect(destination.batch.size).toBe(size);
    await attemptMany(someCodes(size));
    expect(() => received.map(readBody)).not.toThrow();
  });

  it('sends nothing for a customer without a source id', async () => {
    const { attemptMany, received } = await startReadyMade(declare(), accept());
    const { records } = await attemptMany([aCodeFor(0, { customer: { sourceId: null } })]);
    expect(records).toMatchObject([
      { reason: 'undeliverable', detail: 'the customer has no source id' },
    ]);
    expect(received).toEqual([]);
  });

  it('gives up the records whose objects Braze did not accept, and delivers the others', async () => {
    const { deliverAll, received, deadIds, telemetry } = await startReadyMade(
      declare({ event }),
      accept([notAccepted(0), notAccepted(1, 'events')]),
    );
    // the second event is that of the fourth record
    expect(await deliverAll(someCodes(5))).toEqual([]);
    expect(deadIds()).toEqual(['whs_0', 'whs_3']);
    expect(received).toHaveLength(1);
    const logged = JSON.stringify(telemetry);
    expect(logged).toContain('whs_3');
    for (const text of PERSONAL) expect(logged).not.toContain(text);
  });

  it.each([
    ['no array', { type: 'invented' }],
    ['an array that is not sent', notAccepted(0, 'purchases')],
    ['no object of the array', notAccepted(3)],
    ['nothing', 'invented'],
  ])('does not know about the others when an error names %s', async (_, unknown) => {
    const { attemptMany, attempt } = await startReadyMade(
      declare(),
      accept([unknown, notAccepted(1)]),
    );
    const { records } = await attemptMany(someCodes(3));
    expect(listKinds(records)).toEqual(['retry', 'rejected', 'retry']);
    expect(records[0]).toMatchObject({ reason: 'no_result', maybeDelivered: true });
    // alone, it is the one that every error is about
    expect(await attempt(aCodeFor(0))).toMatchObject({
      kind: 'rejected',
      detail: 'Braze did not accept it',
    });
  });

  it.each([
    [201, '{"message":"success","attributes_processed":2}', 'delivered'],
    [201, '{"message":"success","errors":[]}', 'delivered'],
    [201, '', 'delivered'],
    [400, '{"message":"fatal","errors":[{"input_array":"attributes","index":0}]}', 'rejected'],
    [429, '', 'retry'],
    [500, '', 'retry'],
  ])('has the outcome of the response for all: %i %s', async (status, body, kind) => {
    const { attemptMany } = await startReadyMade(declare(), respondWith(status, {}, body));
    const { request, records } = await attemptMany(someCodes(2));
    expect([request.kind, records]).toEqual([kind, [null, null]]);
  });

  it('splits a rejected request until only the record to blame is given up', async () => {
    const { deliverAll, received, deadIds } = await startReadyMade(
      declare(),
      (request, response, n) =>
        request.body.includes('crm-5512-2"')
          ? respondWith(400, {}, '{"message":"fatal"}')(request, response, n)
          : accept()(request, response, n),
    );
    expect(await deliverAll(someCodes(4))).toEqual([]);
    expect(deadIds()).toEqual(['whs_2']);
    expect(received.map((request) => readBody(request).attributes.length)).toEqual([4, 2, 2, 1, 1]);
  });
});
