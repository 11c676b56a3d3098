import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createFastCheck } from '../../lib/voucherify/acceptance.ts';
import { VoucherifyCampaignSchema } from '../../lib/voucherify/campaign.ts';
import { VoucherifyCustomerSchema } from '../../lib/voucherify/customer.ts';
import { VoucherifyDistributionSchema } from '../../lib/voucherify/distribution.ts';
import {
  VoucherifyEnvelopeSchema,
  VoucherifyLegacyEnvelopeSchema,
} from '../../lib/voucherify/envelope.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import { VoucherifyPromotionTierSchema } from '../../lib/voucherify/promotion-tier.ts';
import { VoucherifyPublicationSchema } from '../../lib/voucherify/publication.ts';
import { VoucherifyVoucherSchema } from '../../lib/voucherify/voucher.ts';
import { anyJson, VALID_BODIES, listPaths, setAt } from '../support/arbitrary-bodies.ts';

const SCHEMAS = {
  campaign: VoucherifyCampaignSchema,
  customer: VoucherifyCustomerSchema,
  distribution: VoucherifyDistributionSchema,
  envelope: VoucherifyEnvelopeSchema,
  legacyEnvelope: VoucherifyLegacyEnvelopeSchema,
  promotionTier: VoucherifyPromotionTierSchema,
  publication: VoucherifyPublicationSchema,
  voucher: VoucherifyVoucherSchema,
};
const SCHEMA_NAMES = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];

/** The sender's objects, of every kind. */
const OBJECTS = VALID_BODIES.flatMap((body) =>
  [body].concat(
    Object.values(body).filter(isJsonObject),
    Object.values(isJsonObject(body['data']) ? body['data'] : {}).filter(isJsonObject),
  ),
);

const disturbedObject = fc
  .tuple(fc.constantFrom(...OBJECTS), fc.nat(), anyJson)
  .map(([object, where, value]) => {
    const paths = listPaths(object);
    return setAt(object, paths[where % paths.length] ?? [], value);
  });

describe('what a schema plainly accepts', () => {
  it.each(SCHEMA_NAMES)('is what Valibot accepts of a good %s, all of it', (name) => {
    const schema: v.GenericSchema = SCHEMAS[name];
    const accepts = createFastCheck(schema);
    const accepted = OBJECTS.filter((object) => v.is(schema, object));
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.filter((object) => !accepts(object))).toEqual([]);
  });

  it.each(SCHEMA_NAMES)('is nothing that Valibot refuses as a %s', (name) => {
    const schema: v.GenericSchema = SCHEMAS[name];
    const accepts = createFastCheck(schema);
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(disturbedObject, anyJson), (value) => {
        if (v.is(schema, value)) return;
        refused += 1;
        expect(accepts(value)).toBe(false);
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  it('asks Valibot about the parts of a pipe, about kinds it does not know, about keys that must be there, and about defaults', () => {
    const short = v.nullish(v.pipe(v.string(), v.maxLength(3)));
    const known = v.nullish(v.picklist(['a', 'b']));
    const needed = v.custom<unknown>(() => true);
    const wrong = v.nullish(v.picklist(['a', 'b']), 'c' as 'a');
    const inner = v.nullish(v.object({ needed }));
    const accepts = createFastCheck(
      v.object({ short, known, inner, wrong: v.nullish(v.object({ wrong })) }),
    );
    expect(accepts({ short: 'abc', known: 'a', inner: { needed: 1 } })).toBe(true);
    expect(accepts({ short: 'abcd' })).toBe(false);
    expect(accepts({ known: 'c' })).toBe(false);
    expect(accepts({ inner: {} })).toBe(false);
    expect(accepts({ wrong: { wrong: 'b' } })).toBe(true);
    expect(accepts({ wrong: {} })).toBe(false);
  });
});
