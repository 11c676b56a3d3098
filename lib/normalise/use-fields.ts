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
 * Says whether an issue hides if a voucher can be used. While such a field cannot be read, the code
 * might be handed out although it is inactive, expired, used up, or was never published.
 * @param voucherPath of the voucher in the body, like the path of the issue
 * @param publicationPath of the publication that gave this voucher; null when there is none
 */
export function hidesUse(
  { path, coerced }: FieldIssue,
  voucherPath: Path,
  publicationPath: Path | null,
): boolean {
  if (coerced) return false;
  const pathInVoucher = toRelativePath(voucherPath, path);
  if (pathInVoucher !== null && USE_FIELDS.has(pathInVoucher.join('.'))) return true;
  const pathInPublication = publicationPath && toRelativePath(publicationPath, path);
  // the publication as a whole, too: it could say that it failed
  return pathInPublication?.length === 0 || pathInPublication?.[0] === 'result';
}
