import type { RelayRecord } from './record.ts';

/**
 * The voucher code that a customer may be given, or null: only a record whose purpose is to hand out
 * a code has one, and only while nothing speaks against using it. For destinations that address
 * customers: `accepts: (record) => redeemableCode(record) !== null`.
 */
export function redeemableCode(record: RelayRecord): string | null {
  const { purpose, voucher } = record.data;
  return purpose === 'code' && voucher?.usable === true ? voucher.code : null;
}
