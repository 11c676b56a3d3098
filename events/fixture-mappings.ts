import * as v from 'valibot';
import { ChosenFieldsSchema, defineMappings } from 'voucher-relay';

// The mappings that the samples in this folder expect. The demo, the project's own tests and the examples
// in docs/ use them in place of functions/mappings.ts, by the condition `fixture` of package.json's
// imports. Your own mappings belong into functions/mappings.ts.

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

export const mappings = defineMappings({
  // your distribution sends only chosen fields, for example { customer: { email }, voucher: { code } }
  code: ChosenFieldsSchema,
  'renamed-keys': RenamedKeysSchema,
  'designer-mail': DesignerMailSchema,
});
