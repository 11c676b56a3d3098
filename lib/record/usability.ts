import { toEndMs } from '../voucherify/timestamp.ts';
import type { Publication, UnusableReason, Voucher } from './record.ts';

/**
 * Every reason against using a voucher at a time. Not having started yet is none: codes are mailed
 * before they start. A publication without a result is taken for a success.
 * @param publication the one that gave this voucher, or null when unknown
 * @param time RFC 3339; a delivery judges again with its own time before each retry
 */
export function findUnusableReasons(
  voucher: Pick<Voucher, 'active' | 'expiresAt' | 'redemptions' | 'value'>,
  publication: Pick<Publication, 'result'> | null,
  time: string,
): UnusableReason[] {
  const reasons: UnusableReason[] = [];
  if (voucher.active === false) reasons.push('inactive');
  if (hasExpired(voucher.expiresAt, time)) reasons.push('expired');
  if (isUsedUp(voucher)) reasons.push('used_up');
  const result = publication?.result ?? null;
  if (result !== null && result.toUpperCase() !== 'SUCCESS') reasons.push('publication_failed');
  return reasons;
}

function hasExpired(expiresAt: string | null, time: string): boolean {
  if (expiresAt === null) return false;
  const end = toEndMs(expiresAt);
  return end !== null && end <= Date.parse(time);
}

/** Used as often as allowed, or a gift card from which everything was spent. */
function isUsedUp({ redemptions, value }: Pick<Voucher, 'redemptions' | 'value'>): boolean {
  if (redemptions?.left === 0) return true;
  return value?.form === 'gift' && value.balance === 0 && (value.amount ?? 0) > 0;
}
