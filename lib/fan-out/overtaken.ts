import type { RelayRecord } from '../record/record.ts';
import { findUnusableReasons } from '../record/usability.ts';

/**
 * Says whether the voucher has expired since the record was made: a code that can no longer be used
 * must not be mailed by a late retry. Records that only tell what happened (purpose `activity`), and
 * a voucher that had expired from the start, stay as welcome as they were.
 */
export function hasExpiredSinceReceived(record: RelayRecord, now: Date): boolean {
  const { purpose, voucher, publication } = record.data;
  if (purpose !== 'code' || voucher === null) return false;
  if (voucher.unusableReasons.includes('expired')) return false;
  return findUnusableReasons(voucher, publication, now.toISOString()).includes('expired');
}
