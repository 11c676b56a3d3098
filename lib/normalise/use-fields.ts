import { type Path, toRelativePath } from '../voucherify/json.ts';
import type { FieldIssue } from './lenient-parse.ts';

/** The fields of a voucher that decide if its code can be used (lib/record/usability.ts). */
const USE_FIELDS: ReadonlySet<string> = new Set([
  'active',
  'expiration_date',
  'redemption',
  'redemption.quantity',
  'redemption.redeemed_quantity',
  'gift',
  'gift.amount',
  'gift.balance',
]);

/**
 * Says whether an issue of a voucher hides if its code can be used. While such a field cannot be read,
 * the code might be handed out although it is inactive, expired or used up.
 * @param voucherPath of the voucher in the body, like the path of the issue
 */
export function hidesUse({ path, coerced }: FieldIssue, voucherPath: Path): boolean {
  const inVoucher = toRelativePath(voucherPath, path);
  return !coerced && inVoucher !== null && USE_FIELDS.has(inVoucher.join('.'));
}

/**
 * Says whether an issue hides if a publication failed. One that cannot be read as a whole could say so.
 * @param publicationPath of the publication in the body, like the path of the issue
 */
export function hidesResult({ path, coerced }: FieldIssue, publicationPath: Path): boolean {
  const inPublication = toRelativePath(publicationPath, path);
  if (coerced || inPublication === null) return false;
  return inPublication.length === 0 || inPublication[0] === 'result';
}
