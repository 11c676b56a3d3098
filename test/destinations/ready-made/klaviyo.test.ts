import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { klaviyo } from '../../../lib/destinations/ready-made/klaviyo.ts';
import { redeemableCode } from '../../../lib/record/redeemable-code.ts';
import { KlaviyoProfileSchema } from '../../docs/api-shapes.ts';
import { respondWith } from '../../support/http-receiver.ts';
import { aCodeFor, PERSONAL, SECRET, startReadyMade } from '../../support/ready-made.ts';

const declaration = klaviyo({
  secret: SECRET,
  properties: (record) => ({
    voucher_code: redeemableCode(record),
    voucher_expires_at: record.data.voucher?.expiresAt ?? null,
  }),
});

describe('klaviyo', () => {
  it("sets the properties of the customer's profile; null deletes one", async () => {
    const { attempt, received } = await startReadyMade(declaration, respondWith(200));
    expect(await attempt(aCodeFor(1))).toMatchObject({ kind: 'delivered' });
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: '/hook/profile-import',
        headers: {
          authorization: 'Klaviyo-API-Key invented-key',
          revision: '2026-07-15',
          'content-type': 'application/vnd.api+json',
        },
      },
    ]);
    const body = v.parse(KlaviyoProfileSchema, JSON.parse(received[0]?.body ?? ''));
    expect(body.data.attributes).toEqual({
      email: 'ida.quay+1@example.test',
      properties: { voucher_code: 'HARBOUR-1', voucher_expires_at: null },
    });
  });

  it('sends nothing without an e-mail', async () => {
    const { attempt, received } = await startReadyMade(declaration);
    expect(await attempt(aCodeFor(1, { customer: { email: null } }))).toMatchObject({
      kind: 'rejected',
      reason: 'undeliverable',
      detail: 'the customer has no e-mail',
    });
    expect(received).toEqual([]);
  });

  it('gives up a profile that Klaviyo rejects, and logs nothing personal', async () => {
    const errors = [{ code: 'invalid', detail: 'ida.quay+1@example.test is invalid' }];
    const { deliverAll, deadIds, telemetry } = await startReadyMade(
      declaration,
      respondWith(400, {}, JSON.stringify({ errors })),
    );
    expect(await deliverAll([aCodeFor(1)])).toEqual([]);
    expect(deadIds()).toEqual(['whs_1']);
    const logged = JSON.stringify(telemetry);
    expect(logged).toContain('whs_1');
    for (const text of PERSONAL) expect(logged).not.toContain(text);
  });

  it('sends nothing when properties returns a promise', async () => {
    const { attempt, received } = await startReadyMade(
      // @ts-expect-error -- what a merchant's plain JavaScript can do
      klaviyo({ secret: SECRET, properties: async () => ({}) }),
    );
    await expect(attempt(aCodeFor(1))).rejects.toThrow('returned a promise');
    expect(received).toEqual([]);
  });
});
