import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { toAllowedId } from '../record/allowed-id.ts';
import type { RelayRecord } from '../record/record.ts';
import { hashValue, type IndexKey, normaliseCustomer } from './index-keys.ts';
import { isFullTimestamp } from '../voucherify/timestamp.ts';
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
  /** The sort key, which all index rows of a record have: the newest webhook has the greatest. */
  readonly sortKey: string;
  /** The partition keys of all index rows of the record; none in a row of an earlier release. */
  readonly siblings: readonly string[];
  /** What the webhook says of a publication; null when it says nothing, and in rows by a customer. */
  readonly publication: IndexedPublication | null;
}

/** What an index row says of a publication: by it, what came can be compared with what Voucherify published. */
export interface IndexedPublication {
  /** The id that Voucherify gave it; null when the webhook does not name one. */
  readonly id: string | null;
  /** When it was published, as Voucherify sent it; null when it did not. */
  readonly at: string | null;
  /** What of Voucherify's settings sent the webhook: the id of a distribution (`distr_...`) or of a webhook (`wh_...`). */
  readonly sender: string | null;
}

/** An index row, as DynamoDB takes it. */
export type IndexRow = { readonly [name: string]: AttributeValue };

/** A record of more codes than these is found by the first of them, and by its customer. */
const MAX_CODES = 10;
/** The sort key of a table has 1,024 bytes at most (Amazon DynamoDB Developer Guide, "Constraints"). */
const IN_SORT_KEY = /^[\x20-\x7e]{1,512}$/;

/**
 * Creates the index rows of a record: one for each value that a person may look it up by. Each is below 1 KB,
 * which is one write unit, with up to nine keys and ten destinations. It holds neither a value nor anything
 * else that is personal. Their keys depend on the record alone, so a record that is routed again writes the
 * same rows.
 *
 * - `id`: what it is, and the keyed hash of the value
 * - `destination`: when the webhook was received, and the record; so a query returns the newest first
 * - `rowId`, `event`, `webhookAt`, `routedTo`: see IndexEntry; the ids of destinations have a blank between
 * - `siblings`: the keys of all of them, so that whoever finds one can delete each; see toSiblings
 * - `publication`: in rows by a code; see IndexedPublication: its id, its time and its sender, with blanks between
 * - `replayedTo`: the ids of further destinations that an operator has replayed it to
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
  const ids = [
    ...listCustomerValues(record).map((value) => toCustomerIndexId(key, value)),
    ...listCodes(record).map((code) => toCodeIndexId(key, code)),
  ];
  // a source id is often the address: one row, and a request with two of one key is refused
  const uniqueIds = [...new Set(ids)];
  const common = {
    destination: { S: `${webhookAt}#${toAllowedId(rowId, IN_SORT_KEY)}` },
    rowId: { S: rowId },
    event: { S: event },
    webhookAt: { S: webhookAt },
    ...(destinations.length > 0 && { routedTo: { S: destinations.join(' ') } }),
    siblings: { S: toSiblings(uniqueIds) },
    keyId: { S: key.id },
    expiresAtSeconds: { N: String(toExpirySeconds(now, historyDays)) },
  };
  const publication = toPublicationText(record);
  return uniqueIds.map((id) =>
    Object.assign({ id: { S: id } }, common, {
      ...(id.startsWith(CODE_PREFIX) &&
        publication !== null && { publication: { S: publication } }),
    }),
  );
}

/** What stands for a part that is not known. */
const UNKNOWN = '-';
/** Ids as Voucherify makes them (vendor facts, section 2). A mapping may put anything into a field, and no person. */
const PUBLICATION_ID = /^pub_\w{1,40}$/;
const SENDER_ID = /^(?:distr|wh)_\w{1,40}$/;

/** Writes what IndexedPublication has; null when nothing of it is known. */
function toPublicationText({ source, data: { publication } }: RelayRecord): string | null {
  const { id, createdAt } = publication ?? {};
  const sender = source.split('/').at(-1);
  const parts = [
    isPresent(id) && PUBLICATION_ID.test(id) && id,
    isPresent(createdAt) && isFullTimestamp(createdAt) && createdAt,
    isPresent(sender) && SENDER_ID.test(sender) && sender,
  ];
  return parts.some(Boolean) ? parts.map((part) => part || UNKNOWN).join(' ') : null;
}

function parsePublication(text: string): IndexedPublication | null {
  if (text === '') return null;
  const [id, at, sender] = text.split(' ').map((part) => (part === UNKNOWN ? null : part));
  return { id: id ?? null, at: at ?? null, sender: sender ?? null };
}

/** What stands for the prefix of a partition key in `siblings`: no hash has it. */
const CUSTOMER_SIGN = '@';
const CODE_SIGN = '#';
const SIBLING = /([@#])([\w-]+)/g;

/** Writes partition keys one after another, as short as they can be: a record can have twelve of them. */
function toSiblings(ids: readonly string[]): string {
  return ids
    .map((id) =>
      id.startsWith(CUSTOMER_PREFIX)
        ? CUSTOMER_SIGN + id.slice(CUSTOMER_PREFIX.length)
        : CODE_SIGN + id.slice(CODE_PREFIX.length),
    )
    .join('');
}

function parseSiblings(text: string): readonly string[] {
  return Array.from(
    text.matchAll(SIBLING),
    ([, sign, hash = '']) => (sign === CUSTOMER_SIGN ? CUSTOMER_PREFIX : CODE_PREFIX) + hash,
  );
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
    destinations: [
      ...(row['routedTo']?.S ?? '').split(' ').filter((id) => id !== ''),
      ...(row['replayedTo']?.SS ?? []),
    ],
    sortKey: row['destination']?.S ?? '',
    siblings: parseSiblings(row['siblings']?.S ?? ''),
    publication: parsePublication(row['publication']?.S ?? ''),
  };
}

/**
 * One entry for each webhook, the newest first. One that the sender repeated, or that was written with two
 * keys during a rotation, has an entry for each time: the newest one counts, with the destinations of all.
 */
export function mergeEntries(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  const newestFirst = entries.toSorted((one, other) => compare(other.sortKey, one.sortKey));
  const byRow = new Map<string, IndexEntry>();
  for (const entry of newestFirst) {
    const newer = byRow.get(entry.rowId) ?? entry;
    const destinations = [...new Set([...newer.destinations, ...entry.destinations])];
    byRow.set(entry.rowId, { ...newer, destinations });
  }
  return [...byRow.values()];
}

/** The order of two texts by their code units, as DynamoDB sorts ASCII. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
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
