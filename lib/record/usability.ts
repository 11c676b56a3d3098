import { toEndMs } from '../voucherify/timestamp.ts';
import type { Publication, RelayRecord, UnusableReason, Voucher } from './record.ts';

/**
 * Finds every reason why a voucher cannot be used at a time. That it has not started yet is not a
 * reason, because codes are sent before they start. A publication without a result counts as a success.
 * @param publication the one that gave this voucher, or null when unknown
 * @param time RFC 3339; each retry of a delivery checks again with its own time
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

/** Redeemed as often as allowed, or a gift card whose balance is spent. */
function isUsedUp({ redemptions, value }: Pick<Voucher, 'redemptions' | 'value'>): boolean {
  if (redemptions?.left === 0) return true;
  // a card that was never loaded is not spent; one of which only the empty balance is known may be
  return value?.form === 'gift' && value.balance === 0 && value.amount !== 0;
}

/**
 * Whether the voucher has expired since the webhook was received: a late retry must not hand out a code
 * that can no longer be used. False for records of other purposes than `code`, and for a voucher that
 * had expired from the start: its record was queued as unusable, and stays so.
 * @param now the time at which the expiry is checked
 */
export function hasExpiredSinceReceived(record: RelayRecord, now: Date): boolean {
  const { purpose, voucher, publication } = record.data;
  if (purpose !== 'code' || voucher === null) return false;
  if (voucher.unusableReasons.includes('expired')) return false;
  return findUnusableReasons(voucher, publication, now.toISOString()).includes('expired');
}
