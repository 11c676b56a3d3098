import * as v from 'valibot';
import { ChosenFieldsSchema, defineMappings } from 'voucher-relay';

/**
 * Your own payload shapes, for distributions whose body you shaped in Voucherify's payload designer.
 * You may edit this file; a new release never changes it. Import from 'voucher-relay' only.
 *
 * A mapping is a Valibot schema. It describes your body and transforms it into Voucherify's own objects
 * (`customer`, `voucher`, `campaign`, `publication`, `distribution`, `promotion_tier`) or parts of
 * them. Its name is the end of the address that you enter in Voucherify:
 * POST /webhooks/voucherify/<name>. In envelope mode the schema gets the content of `data`, in raw mode
 * the whole body. No value is lost: what you do not map is kept in the record's `unmapped`. A body that
 * the schema rejects goes to quarantine, with the paths of the rejected values.
 *
 * To try a mapping with a pasted body: npm run map -- <name> body.json
 */

/**
 * Envelope mode, with keys renamed in the designer:
 * { "code": "...", "percent": 15, "valid_until": "2026-12-31", "shopper": { "ref": "...", "mail": "..." } }
 */
const RenamedKeysSchema = v.pipe(
  v.object({
    code: v.string(),
    percent: v.number(),
    valid_until: v.nullish(v.string()),
    shopper: v.object({ ref: v.string(), mail: v.nullish(v.pipe(v.string(), v.email())) }),
  }),
  v.transform(({ code, percent, valid_until, shopper }) => ({
    voucher: {
      code,
      type: 'DISCOUNT_VOUCHER',
      discount: { type: 'PERCENT', percent_off: percent },
      expiration_date: valid_until,
    },
    customer: { source_id: shopper.ref, email: shopper.mail },
  })),
);

/**
 * Raw mode: a mail that was written in the designer. Its texts are kept in `unmapped`; the record is a
 * `message` for the customer with that address.
 * { "To": "...", "From": "...", "Subject": "...", "Body": "..." }
 */
const DesignerMailSchema = v.pipe(
  v.object({ To: v.pipe(v.string(), v.email()), Subject: v.string(), Body: v.string() }),
  v.transform(({ To }) => ({ customer: { email: To } })),
);

/** Raw mode: { "shopper": "shop-1", "gift": "..." } */
const GiftSchema = v.pipe(
  v.object({ shopper: v.string(), gift: v.string() }),
  v.transform(({ shopper, gift }) => ({
    customer: { source_id: shopper },
    voucher: { code: gift },
  })),
);

export const mappings = defineMappings({
  // your distribution sends only chosen fields, for example { customer: { email }, voucher: { code } }
  code: ChosenFieldsSchema,
  gift: GiftSchema,
  'renamed-keys': RenamedKeysSchema,
  'designer-mail': DesignerMailSchema,
});
