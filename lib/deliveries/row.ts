import { createHash } from 'node:crypto';
import { toAllowedId } from '../record/allowed-id.ts';
import { isContentHashId } from '../record/record-id.ts';
import type { RelayRecord } from '../record/record.ts';
import { toEndMs } from '../voucherify/timestamp.ts';
import type { Webhook } from './deliveries.ts';

/** The key of a row of the table, and whether its webhooks are told apart by when they were received. */
export interface RowKey {
  /** The partition key: the id of the record, or the hash of a business key. */
  readonly id: string;
  /** The sort key: the id of the destination. */
  readonly destination: string;
  /** A business key belongs to many deliveries: the end of one that failed says nothing about the others. */
  readonly isBusinessKey: boolean;
  /**
   * When the webhook was received (Unix time), for an id that is unique only together with it; NaN when
   * that time cannot be read. Null for an id that is unique by itself.
   */
  readonly receivedAtMs: number | null;
}

/** The state of a delivery, as its row has it. */
export const ROW_STATES = ['in_progress', 'waiting', 'delivered', 'dead', 'erased'] as const;
export type RowState = (typeof ROW_STATES)[number];

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * How long a delivery that was made makes the next one a duplicate: longer than the sender's retries,
 * than a manual resend (14 days, vendor facts, section 1) and than anything waits in quarantine or as a
 * dead letter.
 */
export const RETENTION_SECONDS = 15 * DAY_SECONDS;

/**
 * How many days a row is kept as history after it was written last, at the least: for its retention, and a
 * margin. Idempotency compares times and never relies on a row that is gone.
 */
export const MIN_HISTORY_DAYS = RETENTION_SECONDS / DAY_SECONDS + 1;

/** When DynamoDB may delete a row that is written now (Unix time). */
export function toExpirySeconds(now: Date, historyDays: number): number {
  return Math.floor(now.getTime() / 1_000) + historyDays * DAY_SECONDS;
}

/**
 * Equal bodies without an id are repetitions of one webhook when they were received within this time:
 * as long as the sender retries (24 hours) and little longer, since the same body may be meant again
 * another day. When they are delivered does not count: they may have waited together in quarantine.
 */
export const REPETITION_SECONDS = 26 * HOUR_SECONDS;
/** How many entries of `receivedAtMs` a row keeps, the latest ones: many more than 15 days can have. */
export const MAX_ENTRIES = 50;

/**
 * The index over rows that are waiting or dead, by destination: only they have the attribute `stateShard`, so a
 * delivery that is made at its first attempt costs it no write. Its sort key is `lastAt`.
 */
export const STATE_INDEX = 'by-state';
/** A partition takes 1,000 writes a second, and an outage lets every delivery of a destination wait. */
export const SHARDS = 16;

/** The states of deliveries that a person looks for by destination. */
export const OPEN_STATES = ['waiting', 'dead'] as const satisfies readonly RowState[];
export type OpenState = (typeof OPEN_STATES)[number];

/** The partition of the index that has a row: its destination, its state, and a number by the hash of its id. */
export function toShard({ id, destination }: Pick<RowKey, 'id' | 'destination'>, state: OpenState) {
  const [byte = 0] = createHash('sha256').update(id).digest();
  return toShardName(destination, state, byte % SHARDS);
}

/** The name of the n-th partition, from 0, of a destination and a state. */
export function toShardName(destination: string, state: OpenState, n: number): string {
  return `${destination}#${state}#${n}`;
}

/** A row stays below 1 KB, which is one write unit, whatever a webhook holds. */
const MAX_EVENT_LENGTH = 128;
const MAX_TIME_LENGTH = 40;

const BUSINESS_PREFIX = 'business#';
const TEST_PREFIX = 'test#';
const PAUSED_PREFIX = 'paused#';
/** The partition keys of index rows: by a customer, and by a code (index-rows.ts). */
export const CUSTOMER_PREFIX = 'customer#';
export const CODE_PREFIX = 'code#';
/** The partition key of the rows that say which destinations are paused. */
export const PAUSED_DESTINATIONS_ID = `${PAUSED_PREFIX}destinations`;
/**
 * DynamoDB accepts a partition key of 2,048 bytes (Amazon DynamoDB Developer Guide, "Constraints").
 * Without a limit, a delivery with a longer id would wait for the table a whole day and never be
 * attempted. No record has the id of another kind of row.
 */
const ROW_ID = new RegExp(
  `^(?!${[BUSINESS_PREFIX, TEST_PREFIX, PAUSED_PREFIX, CUSTOMER_PREFIX, CODE_PREFIX].join('|')})[^]{1,512}$`,
);

/** What of a record decides about the key of its deliveries. */
export interface KeyedRecord {
  readonly id: string;
  readonly data: { readonly receivedAt: string; readonly test: boolean };
}

/** The partition key of the rows of a record that is no test. */
export function toRowId(id: string): string {
  return toAllowedId(id, ROW_ID);
}

/**
 * The key of the delivery of one record to one destination: the same for every attempt. A test webhook of
 * the dashboard has the same ids each time that it is sent and is meant each time, so its key has the
 * time of its webhook too.
 * @param destinationId the `id` of the destination
 */
export function toDeliveryKey({ id, data }: KeyedRecord, destinationId: string): RowKey {
  const { receivedAt, test } = data;
  return {
    id: toRowId(test ? `${TEST_PREFIX}${receivedAt}#${id}` : id),
    destination: destinationId,
    isBusinessKey: false,
    receivedAtMs: !test && isContentHashId(id) ? Date.parse(receivedAt) : null,
  };
}

/**
 * The key of everything that a destination should get only once for one business key.
 * @param businessKey the result of the destination's `deduplicateBy`. It may be personal, so the table
 * gets its SHA-256 hash.
 */
export function toBusinessKey(businessKey: string, destinationId: string): RowKey {
  const hash = createHash('sha256').update(businessKey).digest('hex');
  return {
    id: `${BUSINESS_PREFIX}${hash}`,
    destination: destinationId,
    isBusinessKey: true,
    receivedAtMs: null,
  };
}

/** What a row says of the webhook of a record. */
export function toWebhook({ type, data }: Pick<RelayRecord, 'type' | 'data'>): Webhook {
  return {
    event: type.slice(0, MAX_EVENT_LENGTH),
    receivedAt: data.receivedAt.slice(0, MAX_TIME_LENGTH),
    codeExpiresAt: data.purpose === 'code' ? toExpiryTime(data.voucher?.expiresAt ?? null) : null,
  };
}

/** The last moment that sorts as a text: later ones have more than four digits for their year. */
const MAX_SORTED_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** In UTC with milliseconds, so that DynamoDB compares it as a text. Null: never, or not readable. */
function toExpiryTime(expiresAt: string | null): string | null {
  const endMs = expiresAt === null ? null : toEndMs(expiresAt);
  return endMs === null || endMs > MAX_SORTED_MS ? null : new Date(endMs).toISOString();
}
