import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { toAllowedId } from '../record/allowed-id.ts';
import type { RelayRecord } from '../record/record.ts';
import { hashValue, type IndexKey, normaliseCustomer } from './index-keys.ts';
import { CODE_PREFIX, CUSTOMER_PREFIX, toDeliveryKey, toExpirySeconds, toWebhook } from './row.ts';

/** A record with the destinations that it is routed to. */
export interface RoutedRecord {
  readonly record: RelayRecord;
  /** The ids of the destinations. */
  readonly destinations: readonly string[];
}

/** What an index row says: which deliveries a customer or a code has. */
export interface IndexEntry {
  /** The partition key of the rows of these deliveries. */
  readonly rowId: string;
  readonly event: string;
  /** When the webhook was received, RFC 3339. */
  readonly webhookAt: string;
  /** The ids of the destinations. */
  readonly destinations: readonly string[];
}

/** An index row, as DynamoDB takes it. */
export type IndexRow = { readonly [name: string]: AttributeValue };

/** A record of more codes than these is found by the first of them, and by its customer. */
const MAX_CODES = 10;
/** The sort key of a table has 1,024 bytes at most (Amazon DynamoDB Developer Guide, "Constraints"). */
const IN_SORT_KEY = /^[\x20-\x7e]{1,512}$/;

/**
 * Creates the index rows of a record: one for each value that a person may look it up by. Each is below 1 KB
 * and holds neither a value nor anything else that is personal. Their keys depend on the record alone, so
 * a record that is routed again writes the same rows.
 *
 * - `id`: what it is, and the keyed hash of the value
 * - `destination`: when the webhook was received, and the record; so a query returns the newest first
 * - `rowId`, `event`, `webhookAt`, `routedTo`: see IndexEntry; the ids of destinations have a blank between
 * - `keyId`: the key of the hash
 * - `expiresAtSeconds`: see createDeliveriesTable
 * @param historyDays how long they are kept
 */
export function toIndexRows(
  { record, destinations }: RoutedRecord,
  key: IndexKey,
  now: Date,
  historyDays: number,
): readonly IndexRow[] {
  const { event, receivedAt } = toWebhook(record);
  const rowId = toDeliveryKey(record, '').id;
  const receivedMs = Date.parse(receivedAt);
  const webhookAt = (Number.isNaN(receivedMs) ? now : new Date(receivedMs)).toISOString();
  const common = {
    destination: { S: `${webhookAt}#${toAllowedId(rowId, IN_SORT_KEY)}` },
    rowId: { S: rowId },
    event: { S: event },
    webhookAt: { S: webhookAt },
    ...(destinations.length > 0 && { routedTo: { S: destinations.join(' ') } }),
    keyId: { S: key.id },
    expiresAtSeconds: { N: String(toExpirySeconds(now, historyDays)) },
  };
  const ids = [
    ...listCustomerValues(record).map((value) => toCustomerIndexId(key, value)),
    ...listCodes(record).map((code) => toCodeIndexId(key, code)),
  ];
  // a source id is often the address: one row, and a request with two of one key is refused
  return [...new Set(ids)].map((id) => Object.assign({ id: { S: id } }, common));
}

/** The partition key of the index rows of a customer. @param value an e-mail, a source id, an id or a phone */
export function toCustomerIndexId(key: IndexKey, value: string): string {
  return CUSTOMER_PREFIX + hashValue(key, 'customer', normaliseCustomer(value));
}

/** The partition key of the index rows of a code. A code is exact: upper and lower case are not the same. */
export function toCodeIndexId(key: IndexKey, code: string): string {
  return CODE_PREFIX + hashValue(key, 'code', code);
}

/** Reads an index row, of this release or another. */
export function parseIndexRow(row: IndexRow): IndexEntry {
  return {
    rowId: row['rowId']?.S ?? '',
    event: row['event']?.S ?? '',
    webhookAt: row['webhookAt']?.S ?? '',
    destinations: (row['routedTo']?.S ?? '').split(' ').filter((id) => id !== ''),
  };
}

/**
 * Lists what names the customer: e-mail and source id. Only when both are unknown, the id of Voucherify and
 * the phone: each value is a row of each record, and a support desk knows those two.
 */
function listCustomerValues({ data }: RelayRecord): readonly string[] {
  const { customer, loyalty, publication } = data;
  const known = [customer?.email, customer?.sourceId].filter(isPresent);
  if (known.length > 0) return known;
  const id = customer?.id ?? loyalty?.member?.customerId ?? publication?.customerId;
  return [id, customer?.phone].filter(isPresent);
}

function listCodes({ data }: RelayRecord): readonly string[] {
  const { voucher, otherVouchers, loyalty } = data;
  const vouchers = [voucher, ...otherVouchers];
  const codes = [...vouchers, loyalty?.card, ...(loyalty?.results ?? [])].map((each) => each?.code);
  return [...new Set(codes.filter(isPresent))].slice(0, MAX_CODES);
}

function isPresent(value: string | null | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
