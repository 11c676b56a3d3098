import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type IndexKey, type IndexKeys, normaliseCustomer } from '../deliveries/index-keys.ts';
import {
  type IndexEntry,
  mergeEntries,
  parseIndexRow,
  toCodeIndexId,
  toCustomerIndexId,
} from '../deliveries/index-rows.ts';
import {
  type OpenState,
  ROW_STATES,
  type RowState,
  SHARDS,
  STATE_INDEX,
  toRowId,
  toShardName,
} from '../deliveries/row.ts';
import { createTableReads, type Item, MAX_READS } from './table-reads.ts';

/** What is known of one delivery. A value that the row does not have is null. */
export interface FoundDelivery {
  /** The id of the webhook; a hash in place of a very long one, and for a test webhook. */
  readonly webhookId: string;
  readonly event: string | null;
  /** When the webhook was received, RFC 3339. */
  readonly webhookAt: string | null;
  /** The id of the destination; null when no destination accepted the webhook. */
  readonly destination: string | null;
  /**
   * `queued`: routed, and not attempted yet. `not_routed`: no destination accepted the webhook. `unknown`: a
   * state of another release.
   */
  readonly state: RowState | 'queued' | 'not_routed' | 'unknown';
  readonly attempts: number;
  /** Why it is dead, or what it failed with last. */
  readonly reason: string | null;
  /** The HTTP status of the last response that failed. */
  readonly status: number | null;
  /** When it was delivered last, RFC 3339. */
  readonly deliveredAt: string | null;
  /** When it was released, RFC 3339; null again once it is delivered. */
  readonly releasedAt: string | null;
  /** When it was released last, RFC 3339, whether it has been delivered since or not. */
  readonly lastReleasedAt: string | null;
  /** When its code expires, RFC 3339; null without a code or an expiry. */
  readonly codeExpiresAt: string | null;
  /** When its row changed last, RFC 3339. */
  readonly lastAt: string | null;
  /** When its next attempt is due, RFC 3339; only while it waits. */
  readonly nextAt: string | null;
}

/** A part of what there is. */
export interface FoundDeliveries {
  readonly deliveries: readonly FoundDelivery[];
  /** There are more: older webhooks, or more that wait. */
  readonly hasMore: boolean;
  /** The `before` of a search for the older ones; null when there are none, or the search has no `before`. */
  readonly before: string | null;
}

/** Finds deliveries. Every method rejects when the table cannot be read. */
export interface DeliveryFinder {
  /** The deliveries of one webhook, one query. */
  readonly byRecord: (id: string) => Promise<FoundDeliveries>;
  /**
   * The deliveries of a customer, the newest webhook first: one query for each index key (two during its
   * rotation), and one read of all rows.
   * @param value an e-mail, a source id; an id of Voucherify or a phone, where nothing else was known
   * @param before only what is older than an earlier search went, from its result
   */
  readonly byCustomer: (value: string, before?: string) => Promise<FoundDeliveries>;
  /** The deliveries of a code, as byCustomer. @param code upper and lower case count */
  readonly byCode: (code: string, before?: string) => Promise<FoundDeliveries>;
  /**
   * The deliveries of a destination that wait or are dead, the latest change first; one query for each of 16
   * parts of the index.
   * @param destinationId the `id` of the destination
   * @param limit how many at most
   */
  readonly byDestination: (
    destinationId: string,
    state: OpenState,
    limit?: number,
  ) => Promise<FoundDeliveries>;
}

/** The dependencies of `createDeliveryFinder`. */
export interface DeliveryFinderDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly keys: IndexKeys;
}

/** How many webhooks of a customer or a code one search returns at most. */
const MAX_WEBHOOKS = 50;
const DEFAULT_LIMIT = 100;

/** Creates the finder over the deliveries table. It reads by key only, so it is as fast in a large table. */
export function createDeliveryFinder({
  client,
  tableName,
  keys,
}: DeliveryFinderDeps): DeliveryFinder {
  const { query, readRows } = createTableReads(client, tableName);

  const byIndex = async (
    toId: (key: IndexKey) => string,
    before: string | undefined,
  ): Promise<FoundDeliveries> => {
    const pages = await Promise.all(
      (await keys()).map((key) =>
        query({
          KeyConditionExpression:
            before === undefined ? 'id = :id' : 'id = :id AND #sort < :before',
          ...(before !== undefined && { ExpressionAttributeNames: { '#sort': 'destination' } }),
          ExpressionAttributeValues: {
            ':id': { S: toId(key) },
            ...(before !== undefined && { ':before': { S: before } }),
          },
          ScanIndexForward: false,
          Limit: MAX_WEBHOOKS,
          ConsistentRead: true,
        }),
      ),
    );
    const entries = mergeEntries(toKnown(pages));
    const taken = takeReadable(entries);
    const rows = await readRows(
      taken.flatMap(({ rowId, destinations }) =>
        destinations.map((destination) => ({ id: { S: rowId }, destination: { S: destination } })),
      ),
    );
    const byKey = new Map(rows.map((row) => [toRowName(row['id']?.S, row['destination']?.S), row]));
    const hasMore = taken.length < entries.length || pages.some((page) => page.hasMore);
    return {
      deliveries: taken.flatMap((entry) => toDeliveries(entry, byKey)),
      hasMore,
      before: hasMore ? (taken.at(-1)?.sortKey ?? null) : null,
    };
  };

  return {
    async byRecord(id) {
      const { items, hasMore } = await query({
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: toRowId(id) } },
        ConsistentRead: true,
      });
      return { deliveries: items.map(toDelivery), hasMore, before: null };
    },

    async byCustomer(value, before) {
      return normaliseCustomer(value) === ''
        ? NOTHING
        : byIndex((key) => toCustomerIndexId(key, value), before);
    },

    byCode: (code, before) => byIndex((key) => toCodeIndexId(key, code), before),

    async byDestination(destinationId, state, limit = DEFAULT_LIMIT) {
      const pages = await Promise.all(
        Array.from({ length: SHARDS }, (_, n) =>
          query({
            IndexName: STATE_INDEX,
            KeyConditionExpression: 'stateShard = :shard',
            ExpressionAttributeValues: { ':shard': { S: toShardName(destinationId, state, n) } },
            ScanIndexForward: false,
            Limit: limit,
          }),
        ),
      );
      const found = pages
        .flatMap(({ items }) => items.map(toDelivery))
        .toSorted((one, other) => compare(other.lastAt ?? '', one.lastAt ?? ''));
      return {
        deliveries: found.slice(0, limit),
        hasMore: found.length > limit || pages.some(({ hasMore }) => hasMore),
        before: null,
      };
    },
  };
}

const NOTHING: FoundDeliveries = { deliveries: [], hasMore: false, before: null };

/**
 * The entries of the pages, one for each index key, as far back as all of them go: what one page has beyond the
 * end of another belongs to the next search.
 */
function toKnown(
  pages: readonly { readonly items: readonly Item[]; readonly hasMore: boolean }[],
): readonly IndexEntry[] {
  const parsed = pages.map(({ items, hasMore }) => ({
    entries: items.map(parseIndexRow),
    hasMore,
  }));
  const ends = parsed.map(({ entries, hasMore }) =>
    hasMore ? (entries.at(-1)?.sortKey ?? '') : '',
  );
  return parsed
    .flatMap(({ entries }) => entries)
    .filter(({ sortKey }) => ends.every((end) => end <= sortKey));
}

/** The newest entries whose rows one request can read; the first one always. */
function takeReadable(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  let reads = 0;
  const end = entries.findIndex(({ destinations }) => (reads += destinations.length) > MAX_READS);
  return end === -1 ? entries : entries.slice(0, Math.max(1, end));
}

function toDeliveries(
  { rowId, event, webhookAt, destinations }: IndexEntry,
  rows: ReadonlyMap<string, Item>,
): readonly FoundDelivery[] {
  const webhook = { ...toDelivery({}), webhookId: rowId, event, webhookAt };
  if (destinations.length === 0) return [{ ...webhook, state: 'not_routed' }];
  return destinations.map((destination) => {
    const row = rows.get(toRowName(rowId, destination));
    if (row === undefined) return { ...webhook, destination, state: 'queued' };
    const delivery = toDelivery(row);
    // a row of an earlier release does not know its webhook
    return {
      ...delivery,
      event: delivery.event ?? event,
      webhookAt: delivery.webhookAt ?? webhookAt,
    };
  });
}

function toRowName(id = '', destination = ''): string {
  return `${destination} ${id}`;
}

/** Reads the row of a delivery, of this release or another. */
function toDelivery(row: Item): FoundDelivery {
  const text = (name: string): string | null => row[name]?.S ?? null;
  const failure = row['lastFailure']?.M;
  const status = failure?.['status']?.N;
  return {
    webhookId: text('id') ?? '',
    event: text('event'),
    webhookAt: text('webhookAt'),
    destination: text('destination'),
    state: ROW_STATES.find((state) => state === text('state')) ?? 'unknown',
    attempts: Number(row['attempts']?.N ?? 0),
    reason: text('reason') ?? failure?.['reason']?.S ?? null,
    status: status === undefined ? null : Number(status),
    deliveredAt: text('deliveredAt'),
    releasedAt: text('releasedAt'),
    lastReleasedAt: text('lastReleasedAt'),
    codeExpiresAt: text('codeExpiresAt'),
    lastAt: text('lastAt'),
    nextAt: text('nextAt'),
  };
}

/** The order of two texts by their code units, as DynamoDB sorts times. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
