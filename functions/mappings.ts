import * as v from 'valibot';
import { defineMappings } from '../lib/normalise/mapping.ts';

/**
 * Your own payload shapes, for distributions whose body you shaped in Voucherify's payload designer.
 *
 * A mapping is a Valibot schema: it says what your body looks like, and turns it into Voucherify's
 * own objects (`customer`, `voucher`, `campaign`, `publication`, `distribution`, `promotion_tier`) or
 * a part of them. Its name is the end of the address that you give Voucherify:
 * POST /webhooks/voucherify/<name>. With an envelope it gets what stands in `data`, in raw mode the
 * whole body. Nothing is lost: what you do not map stays in the record's `rest`. A body that the
 * schema refuses waits in quarantine, with the paths of what it refused.
 *
 * Try one against a pasted body: npm run map -- <name> body.json
 */

/**
 * In envelope mode, with keys renamed in the designer:
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
 * In raw mode, a mail that was written in the designer. Its texts stay in `rest`; the record is a
 * `message` for the customer with that address.
 * { "To": "...", "From": "...", "Subject": "...", "Body": "..." }
 */
const DesignerMailSchema = v.pipe(
  v.object({ To: v.pipe(v.string(), v.email()), Subject: v.string(), Body: v.string() }),
  v.transform(({ To }) => ({ customer: { email: To } })),
);

export const mappings = defineMappings({
  'renamed-keys': RenamedKeysSchema,
  'designer-mail': DesignerMailSchema,
});
