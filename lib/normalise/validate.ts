import type { Doubt } from './discount.ts';
import type { ObjectsReading } from './parse-objects.ts';
import { type Oddity, warningOf } from './lenient-parse.ts';
import { dotted, type Path } from './path.ts';
import type { Issue, Purpose } from '../record/record.ts';

/** What speaks against handing a webhook on, and what only has to be said. */
export interface Verdict {
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

const CUSTOMER_NEEDED = 'Expected a customer with an id, a source_id, an email or a phone';
const CODE_NEEDED = 'Expected the code that is sent, a text of 1 to 512 characters';
const TIER_NEEDED = 'Expected the promotion tier that is sent';

/** The keys of a discount, a gift or a loyalty card that say what the customer is promised. */
const PROMISING: ReadonlySet<string | number | undefined> = new Set(
  (
    'type units unit_type unit_off unit_off_formula amount_off amount_off_formula ' +
    'amount_limit aggregated_amount_limit percent_off percent_off_formula ' +
    'fixed_amount fixed_amount_formula amount balance points discount gift ' +
    'loyalty_card'
  ).split(' '),
);
const VOUCHER_BLOCKS: ReadonlySet<string | number | undefined> = new Set(
  'type discount gift loyalty_card'.split(' '),
);

/**
 * Draws the line of the vendor facts, section 8: a code or a promotion that goes to a customer must
 * name the customer and be of certain worth. Whatever else is odd is a warning, as is everything
 * in a webhook that only tells of something.
 * @param mapped the merchant's own shape, which may leave out what the sender would not
 */
export function verdictOn(purpose: Purpose, reading: ObjectsReading, mapped: boolean): Verdict {
  const issues = new Map<string, string>();
  const warnings: Issue[] = [];
  for (const oddity of reading.oddities) {
    if (isGrave(oddity, purpose, reading)) issues.set(dotted(oddity.path), oddity.message);
    else warnings.push(warningOf(oddity));
  }
  const told = new Set(warnings.map(({ path }) => path));
  for (const doubt of reading.doubts) {
    const path = dotted(doubt.path);
    if (isGraveDoubt(doubt, purpose, reading, mapped)) {
      if (!issues.has(path)) issues.set(path, doubt.message);
    } else if (!told.has(path)) warnings.push({ path, message: doubt.message });
  }
  for (const { path, message } of missing(purpose, reading)) {
    if (!issues.has(path)) issues.set(path, message);
  }
  return { issues: [...issues].map(([path, message]) => ({ path, message })), warnings };
}

/** Whom and what: the identity without which nothing can be sent. */
function missing(purpose: Purpose, reading: ObjectsReading): readonly Issue[] {
  if (purpose === 'activity') return [];
  const faults: Issue[] = [];
  const { customer, voucher, promotionTier } = reading.objects;
  if (!(customer?.id ?? customer?.sourceId ?? customer?.email ?? customer?.phone)) {
    faults.push({ path: dotted(reading.customerAt), message: CUSTOMER_NEEDED });
  }
  if (purpose === 'code' && !voucher?.code) {
    faults.push({ path: dotted([...reading.voucherAt, 'code']), message: CODE_NEEDED });
  }
  if (purpose === 'promotion' && promotionTier === null) {
    faults.push({ path: dotted(reading.tierAt), message: TIER_NEEDED });
  }
  return faults;
}

function isGrave({ path, mended }: Oddity, purpose: Purpose, where: ObjectsReading): boolean {
  if (mended) return false;
  if (purpose === 'code') {
    const [key] = within(where.voucherAt, path) ?? [];
    return key === 'code' || (VOUCHER_BLOCKS.has(key) && PROMISING.has(path.at(-1)));
  }
  return purpose === 'promotion' && isPromise(within([...where.tierAt, 'action'], path), path);
}

function isGraveDoubt(
  { path, grave }: Doubt,
  purpose: Purpose,
  where: ObjectsReading,
  mapped: boolean,
): boolean {
  if (!grave) return false;
  // a merchant's own shape may hold nothing but the code
  if (mapped && path.at(-1) === 'type') return false;
  return (
    (purpose === 'code' && within(where.voucherAt, path) !== null) ||
    (purpose === 'promotion' && within(where.tierAt, path) !== null)
  );
}

function isPromise(inAction: Path | null, path: Path): boolean {
  return inAction !== null && PROMISING.has(path.at(-1));
}

/** The path as seen from a place on its way; null when it leads elsewhere. */
function within(place: Path, path: Path): Path | null {
  return place.every((key, index) => path[index] === key) ? path.slice(place.length) : null;
}
