import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import {
  klaviyoBulk,
  type KlaviyoBulkOptions,
} from '../../../lib/destinations/ready-made/klaviyo-bulk.ts';
import { redeemableCode } from '../../../lib/record/redeemable-code.ts';
import { KlaviyoJobSchema, MAX_KLAVIYO_JOB_BYTES } from '../../docs/api-shapes.ts';
import { type Received, respondWith } from '../../support/http-receiver.ts';
import {
  aCodeFor,
  PERSONAL,
  SECRET,
  someCodes,
  startReadyMade,
  WITHOUT_PACE,
} from '../../support/ready-made.ts';

const declare = (options: Partial<KlaviyoBulkOptions> = {}) =>
  klaviyoBulk({
    secret: SECRET,
    ...WITHOUT_PACE,
    properties: (record) => ({
      voucher_code: redeemableCode(record),
      voucher_expires_at: record.data.voucher?.expiresAt ?? null,
    }),
    ...options,
  });

const readProfiles = ({ body }: Pick<Received, 'body'>) =>
  v.parse(KlaviyoJobSchema, JSON.parse(body)).data.attributes.profiles.data;
const accepted = respondWith(202, {}, '{"data":{"attributes":{"status":"queued"}}}');

describe('klaviyoBulk', () => {
  it('imports the profiles of many customers with one job, and is done when it is accepted', async () => {
    const { attemptMany, received } = await startReadyMade(declare(), accepted);
    const { request, records } = await attemptMany(someCodes(3));
    expect([request, records]).toMatchObject([
      { kind: 'delivered', status: 202 },
      [null, null, null],
    ]);
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: '/hook/profile-bulk-import-jobs',
        headers: {
          authorization: 'Klaviyo-API-Key invented-key',
          revision: '2026-07-15',
          'content-type': 'application/vnd.api+json',
        },
      },
    ]);
    expect(received.flatMap(readProfiles).map(({ attributes }) => attributes.email)).toEqual([
      'ida.quay+0@example.test',
      'ida.quay+1@example.test',
      'ida.quay+2@example.test',
    ]);
  });

  it.each([
    [undefined, 'none'],
    ['no expiry', 'no expiry'],
  ])('writes a text in the place of null, which the job would ignore: %s', async (own, text) => {
    const { attempt, received } = await startReadyMade(
      declare(own === undefined ? {} : { insteadOfNull: own }),
      accepted,
    );
    await attempt(aCodeFor(1));
    expect(received.flatMap(readProfiles)[0]?.attributes).toEqual({
      email: 'ida.quay+1@example.test',
      properties: { voucher_code: 'HARBOUR-1', voucher_expires_at: text },
    });
  });

  it('keeps zero, false and an empty text', async () => {
    const properties = { points: 0, member: false, note: '' };
    const { attempt, received } = await startReadyMade(
      declare({ properties: () => properties }),
      accepted,
    );
    await attempt(aCodeFor(1));
    expect(received.flatMap(readProfiles)[0]?.attributes.properties).toEqual(properties);
  });

  it('leaves out a customer without an e-mail', async () => {
    const { attemptMany, received } = await startReadyMade(declare(), accepted);
    const { records } = await attemptMany([
      aCodeFor(0),
      aCodeFor(1, { customer: { email: null } }),
    ]);
    expect(records).toMatchObject([
      null,
      { kind: 'rejected', reason: 'undeliverable', detail: 'the customer has no e-mail' },
    ]);
    expect(received.flatMap(readProfiles)).toHaveLength(1);
  });

  it('makes no job above 5 MB of what is more together', async () => {
    const about = 'x'.repeat(90_000);
    const { deliverAll, received, deadLetters } = await startReadyMade(
      declare({ properties: () => ({ about }) }),
      accepted,
    );
    expect(await deliverAll(someCodes(60))).toEqual([]);
    expect(deadLetters).toEqual([]);
    expect(received.flatMap(readProfiles)).toHaveLength(60);
    for (const { body } of received) {
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_KLAVIYO_JOB_BYTES);
    }
    expect(received).toHaveLength(2);
  });

  it('splits a rejected job until only the profile to blame is given up, and logs nothing personal', async () => {
    const { deliverAll, received, deadIds, telemetry } = await startReadyMade(
      declare(),
      ({ body }, response) =>
        void response
          .writeHead(body.includes('quay+5@') ? 400 : 202)
          .end('ida.quay+5@example.test'),
    );
    expect(await deliverAll(someCodes(8))).toEqual([]);
    expect(deadIds()).toEqual(['whs_5']);
    expect(received.map((job) => readProfiles(job).length)).toEqual([8, 4, 4, 2, 2, 1, 1]);
    const logged = JSON.stringify(telemetry);
    expect(logged).toContain('whs_5');
    for (const text of PERSONAL) expect(logged).not.toContain(text);
  });
});
