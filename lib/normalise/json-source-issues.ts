import type { Issue } from '../record/record.ts';
import { formatPath, type Path } from '../voucherify/json.ts';
import { inspectJsonSource } from '../voucherify/json-source.ts';
import { VALUE_FIELDS } from './validate.ts';

/** What is wrong with a body's JSON although it can be parsed. `issues` prevent a record. */
export interface JsonSourceIssues {
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** The keys, at any path, that decide about the event, the customer, the code or its use. */
const DECIDING_KEYS: ReadonlySet<string> = new Set(
  (
    'id data source event object webhook_id source_id email phone customer customer_id holder ' +
    'voucher vouchers vouchers_id code publication result promotion_tier action reward redemption ' +
    'redemption_rollback rollback order distribution source_voucher destination_voucher ' +
    'active expiration_date quantity redeemed_quantity ' +
    // of workflows
    'trigger transaction activity member member_id card status details digital discount_coupons ' +
    'gift_vouchers loyalty_card_points'
  ).split(' '),
);

const ROUNDED = 'A number with more digits than a double can hold; it was rounded';
const SAME_VALUE = 'The key is there several times, with the same value';
const OTHER_VALUES = 'The key is there several times, with different values';

/**
 * Finds the duplicate keys and the inexact numbers of a body. Which of two different values the sender
 * meant is unknown: where that decides about the event, the customer, the code or its value, the body is
 * not valid. Anything else is a warning.
 * @param text valid JSON
 * @param isMapped a mapping reads the body, so any key may decide
 */
export function findJsonSourceIssues(text: string, isMapped: boolean): JsonSourceIssues {
  const { duplicateKeys, inexactNumbers } = inspectJsonSource(text);
  const issues: Issue[] = [];
  const warnings: Issue[] = inexactNumbers.map((path) => ({
    path: formatPath(path),
    message: ROUNDED,
  }));
  for (const { path, isEqual } of duplicateKeys) {
    if (isEqual) warnings.push({ path: formatPath(path), message: SAME_VALUE });
    else if (isMapped || decides(path)) {
      issues.push({ path: formatPath(path), message: OTHER_VALUES });
    } else {
      warnings.push({ path: formatPath(path), message: `${OTHER_VALUES}; the last one counts` });
    }
  }
  return { issues, warnings };
}

function decides(path: Path): boolean {
  const key = path.at(-1);
  // every key of an envelope decides about something, and nothing in a merchant's metadata does
  if (path.length === 1) return true;
  if (path.slice(0, -1).includes('metadata')) return false;
  return VALUE_FIELDS.has(key) || (typeof key === 'string' && DECIDING_KEYS.has(key));
}
