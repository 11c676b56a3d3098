import { EXPECTED_CODE } from '../voucherify/fields.ts';
import { formatPath, type Path, toRelativePath } from '../voucherify/json.ts';
import type { ParsedObjects } from './parse-objects.ts';
import { type FieldIssue, toWarning } from './lenient-parse.ts';
import type { Issue, Purpose } from '../record/record.ts';

/** `issues` prevent a record. `warnings` become part of it. */
export interface ValidationResult {
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

const CUSTOMER_REQUIRED = 'Expected a customer with an id, a source_id, an email or a phone';
const TIER_REQUIRED = 'Expected the promotion tier that is sent';

/** The keys of a discount, a gift or a loyalty card that say what the customer is promised. */
export const VALUE_FIELDS: ReadonlySet<string | number | undefined> = new Set(
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
 * Decides which issues are fatal (vendor facts, section 8): a code or a promotion for a customer must
 * name the customer, and its value must be certain. Every other issue is a warning, and so is every
 * issue of a webhook whose purpose is `activity`.
 * @param isMapped a mapping can leave out what Voucherify would not
 */
export function validate(
  purpose: Purpose,
  parsed: ParsedObjects,
  isMapped: boolean,
): ValidationResult {
  const issues = new Map<string, string>();
  const warnings: Issue[] = [];
  for (const fieldIssue of parsed.fieldIssues) {
    if (isFatal(fieldIssue, purpose, parsed))
      issues.set(formatPath(fieldIssue.path), fieldIssue.message);
    else warnings.push(toWarning(fieldIssue));
  }
  const reportedPaths = new Set(warnings.map(({ path }) => path));
  for (const valueIssue of parsed.valueIssues) {
    const path = formatPath(valueIssue.path);
    // a merchant's own shape can hold the code alone
    const isCodeAlone = isMapped && valueIssue.path.at(-1) === 'type';
    if (valueIssue.fatalFor === purpose && !isCodeAlone) {
      if (!issues.has(path)) issues.set(path, valueIssue.message);
    } else if (!reportedPaths.has(path)) warnings.push({ path, message: valueIssue.message });
  }
  for (const { path, message } of findMissingRequired(purpose, parsed)) {
    if (!issues.has(path)) issues.set(path, message);
  }
  return { issues: [...issues].map(([path, message]) => ({ path, message })), warnings };
}

/** The customer and the code or promotion tier, without which nothing can be sent. */
function findMissingRequired(purpose: Purpose, parsed: ParsedObjects): readonly Issue[] {
  if (purpose === 'activity') return [];
  const issues: Issue[] = [];
  const { customer, voucher, promotionTier } = parsed.objects;
  if (!(customer?.id ?? customer?.sourceId ?? customer?.email ?? customer?.phone)) {
    issues.push({ path: formatPath(parsed.customerPath), message: CUSTOMER_REQUIRED });
  }
  if (purpose === 'code' && !voucher?.code) {
    issues.push({ path: formatPath([...parsed.voucherPath, 'code']), message: EXPECTED_CODE });
  }
  if (purpose === 'promotion' && promotionTier === null) {
    issues.push({ path: formatPath(parsed.tierPath), message: TIER_REQUIRED });
  }
  return issues;
}

function isFatal(fieldIssue: FieldIssue, purpose: Purpose, parsed: ParsedObjects): boolean {
  const { path, coerced } = fieldIssue;
  if (coerced) return false;
  if (purpose === 'code') {
    const [key] = toRelativePath(parsed.voucherPath, path) ?? [];
    return (
      key === 'code' ||
      (VOUCHER_BLOCKS.has(key) && VALUE_FIELDS.has(path.at(-1))) ||
      parsed.useIssues.has(fieldIssue)
    );
  }
  return (
    purpose === 'promotion' &&
    isValueField(toRelativePath([...parsed.tierPath, 'action'], path), path)
  );
}

/** The action as a whole, too: it can hold a discount. */
function isValueField(pathInAction: Path | null, path: Path): boolean {
  return pathInAction !== null && (pathInAction.length === 0 || VALUE_FIELDS.has(path.at(-1)));
}
