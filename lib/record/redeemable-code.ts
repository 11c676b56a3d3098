import type { RelayRecord } from './record.ts';

/**
 * Returns the voucher code that a customer can be given; null unless the record's purpose is `code` and
 * its voucher is usable. For destinations that send messages to customers:
 * `accepts: (record) => redeemableCode(record) !== null`.
 */
export function redeemableCode(record: RelayRecord): string | null {
  const { purpose, voucher } = record.data;
  return purpose === 'code' && voucher?.usable === true ? voucher.code : null;
}
