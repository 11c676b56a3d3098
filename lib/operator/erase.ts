import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type IndexKeys, normaliseCustomer } from '../deliveries/index-keys.ts';
import {
  type IndexEntry,
  mergeEntries,
  parseIndexRow,
  toCodeIndexId,
  toCustomerIndexId,
} from '../deliveries/index-rows.ts';
import { ROW_STATES, type RowState } from '../deliveries/row.ts';
import { toEraseCommand, toItemKey, writeIfAllowed } from '../deliveries/row-writes.ts';
import { mapLimited } from '../fan-out/map-limited.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import { splitEvery } from '../split-every.ts';
import { createTableReads, type Item } from './table-reads.ts';

const MAX_VALUES = 50;
const ValuesSchema = v.pipe(
  v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(2_048))),
  v.maxLength(MAX_VALUES),
);
/** Where the next slice goes on: a hash, a time and the id of a webhook. */
const EraseContinuationSchema = v.strictObject({
  partition: v.string(),
  /** The sort key after which it goes on; null for the whole partition. */
  after: v.nullable(v.string()),
});
export type EraseContinuation = v.InferOutput<typeof EraseContinuationSchema>;

/** An operator's request to erase a person. Its values are personal: they are in no log and in no report. */
export const EraseRequestSchema = v.strictObject({
  command: v.literal('erase'),
  /** E-mails and source ids; ids of Voucherify and phones, where nothing else was known. */
  customers: ValuesSchema,
  codes: ValuesSchema,
  /**
   * The ids of the stage's destinations: a webhook that comes again is dropped at each of them, also where it
   * was not routed before.
   */
  destinations: v.optional(v.array(v.pipe(v.string(), v.nonEmpty())), () => []),
  /** Nothing is erased: the report says what would be. */
  dryRun: v.optional(v.boolean(), false),
  /**
   * The index rows stay, so that a run which is interrupted finds the person again. The client deletes the dead
   * letters of `rowIds` then, and at last asks without this.
   */
  keepIndex: v.optional(v.boolean(), false),
  /** That of the report before, until there is none. */
  continuation: v.optional(v.nullable(EraseContinuationSchema), null),
});
export type EraseRequest = v.InferOutput<typeof EraseRequestSchema>;

/** What one slice found and erased, or would erase. Nothing personal. */
export interface EraseReport {
  /** The ids of rows: those of the webhooks, as in `FoundDelivery.webhookId`. Their dead letters are left. */
  readonly rowIds: readonly string[];
  /** Rows with keyed hashes of the customer and of codes. */
  readonly indexRows: number;
  /**
   * Deliveries by the state that they had. What was `in_progress` may arrive all the same, or become a dead
   * letter a minute later; `queued`: routed, and not attempted yet.
   */
  readonly deliveries: { readonly [State in RowState | 'queued' | 'unknown']: number };
  /** Index rows of a release that did not write down the others of their record: those stay. */
  readonly withoutSiblings: number;
  /** Null when all is done; else the client asks for the next slice. */
  readonly continuation: EraseContinuation | null;
}

/** The dependencies of `createErase`. */
export interface EraseDeps {
  readonly client: DynamoDBClient;
  /** The deliveries table. */
  readonly tableName: string;
  readonly keys: IndexKeys;
  readonly now: () => Date;
  /** How long an erased row is kept. */
  readonly historyDays: number;
}

/** Records of one query, which are erased before the next one is read. */
const PAGE_SIZE = 25;
/** A slice begins no further page after so long, and a page takes seconds at most. */
const SLICE_MS = 12_000;
/** Two calls and more for each record at once: the SDK has fifty connections. */
const MAX_RECORDS_AT_ONCE = 10;
/** API reference of BatchWriteItem. */
const MAX_DELETES = 25;
/** A throttled table leaves rows over; they are deleted again so often. */
const MAX_DELETE_TRIES = 5;

/**
 * Creates the erasure of a person from the deliveries table, in slices. First each delivery of a record becomes
 * `erased`, so that a message that waits is dropped at its next take; one without a row gets a row. Then the
 * index rows go, unless they are kept, and last the one by which the record was found: an erasure that fails can
 * be repeated.
 * @returns a function that rejects when the table or the index key cannot be read
 */
export function createErase(deps: EraseDeps): (request: EraseRequest) => Promise<EraseReport> {
  const { client, tableName, keys, now } = deps;
  const { query } = createTableReads(client, tableName);

  /** The partitions of the index that belong to the person. */
  const listPartitions = async ({ customers, codes }: EraseRequest): Promise<readonly string[]> => {
    const known = customers.filter((value) => normaliseCustomer(value) !== '');
    const partitions = new Set<string>();
    for (const key of await keys()) {
      for (const value of known) partitions.add(toCustomerIndexId(key, value));
      for (const code of codes) partitions.add(toCodeIndexId(key, code));
    }
    return [...partitions];
  };

  /** The rows that a record has, and those that its deliveries will get. */
  const readDeliveries = async ({
    rowId,
    destinations,
  }: IndexEntry): Promise<ReadonlyMap<string, Item | null>> => {
    const { items } = await query({
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': { S: rowId } },
      ConsistentRead: true,
    });
    // a replay can have sent it to another destination
    return new Map<string, Item | null>([
      ...destinations.map((destination) => [destination, null] as const),
      ...items.map((item) => [item['destination']?.S ?? '', item] as const),
    ]);
  };

  /** Erases the deliveries of a record, and returns the states that they had. */
  const eraseRecord = async (
    entry: IndexEntry,
    { dryRun, destinations }: Pick<EraseRequest, 'dryRun' | 'destinations'>,
  ): Promise<readonly (keyof EraseReport['deliveries'])[]> => {
    const rows = await readDeliveries(entry);
    if (dryRun) return Array.from(rows.values(), toState);
    // where it was never routed there is nothing to count
    for (const destination of destinations.filter((each) => !rows.has(each))) {
      const command = toEraseCommand(deps, { id: entry.rowId, destination }, entry);
      await writeIfAllowed(client, command, TABLE_DEADLINE_MS);
    }
    return Promise.all(
      Array.from(rows.keys(), async (destination) => {
        const command = toEraseCommand(deps, { id: entry.rowId, destination }, entry);
        return toState(await writeIfAllowed(client, command, TABLE_DEADLINE_MS));
      }),
    );
  };

  const deleteRows = async (rows: readonly Item[]): Promise<void> => {
    for (const part of splitEvery(MAX_DELETES, rows)) {
      let left = part.map((key) => ({ DeleteRequest: { Key: { ...key } } }));
      for (let n = 0; left.length > 0; n += 1) {
        if (n === MAX_DELETE_TRIES) throw new Error('The deliveries table is throttled: try again');
        const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: left } });
        const { UnprocessedItems = {} } = await withDeadline(TABLE_DEADLINE_MS, (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        left = (UnprocessedItems[tableName] ?? []).flatMap(({ DeleteRequest }) =>
          DeleteRequest?.Key === undefined ? [] : [{ DeleteRequest: { Key: DeleteRequest.Key } }],
        );
      }
    }
  };

  return async (request) => {
    const { dryRun, continuation } = request;
    const keepsIndex = dryRun || request.keepIndex;
    const partitions = await listPartitions(request);
    const rowIds = new Set<string>();
    const deliveries = { ...NO_DELIVERIES };
    let indexRows = 0;
    let withoutSiblings = 0;
    const report = (next: EraseContinuation | null): EraseReport => ({
      rowIds: [...rowIds],
      indexRows,
      deliveries,
      withoutSiblings,
      continuation: next,
    });

    // a key that was removed meanwhile: from the beginning
    let place = Math.max(0, partitions.indexOf(continuation?.partition ?? ''));
    let after =
      partitions[place] === continuation?.partition ? (continuation?.after ?? null) : null;
    const endMs = now().getTime() + SLICE_MS;
    for (
      let partition = partitions[place];
      partition !== undefined;
      partition = partitions[place]
    ) {
      if (now().getTime() >= endMs) return report({ partition, after });
      const { items, hasMore } = await query({
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: partition } },
        Limit: PAGE_SIZE,
        ConsistentRead: true,
        ...(after !== null && {
          ExclusiveStartKey: toItemKey({ id: partition, destination: after }),
        }),
      });
      const own = partition;
      const earlier = new Set(partitions.slice(0, place));
      const entries = items
        .map(parseIndexRow)
        // found before: else it has been deleted by now
        .filter(({ siblings }) => !keepsIndex || !siblings.some((id) => earlier.has(id)));
      const states = await mapLimited(MAX_RECORDS_AT_ONCE, mergeEntries(entries), (entry) =>
        eraseRecord(entry, request),
      );
      const others = entries.flatMap(({ siblings, sortKey }) =>
        siblings.filter((id) => id !== own).map((id) => toItemKey({ id, destination: sortKey })),
      );
      if (!keepsIndex) {
        await deleteRows(others);
        await deleteRows(
          entries.map(({ sortKey }) => toItemKey({ id: own, destination: sortKey })),
        );
      }

      for (const { rowId, siblings } of entries) {
        rowIds.add(rowId);
        if (siblings.length === 0) withoutSiblings += 1;
      }
      for (const state of states.flat()) deliveries[state] += 1;
      indexRows += others.length + entries.length;
      if (hasMore) after = items.at(-1)?.['destination']?.S ?? null;
      else {
        place += 1;
        after = null;
      }
    }
    return report(null);
  };
}

const NO_DELIVERIES: EraseReport['deliveries'] = {
  in_progress: 0,
  waiting: 0,
  delivered: 0,
  dead: 0,
  erased: 0,
  queued: 0,
  unknown: 0,
};

/** The state that a row had; `queued` without a row. */
function toState(row: Item | null): keyof EraseReport['deliveries'] {
  const state = row?.['state']?.S;
  return state === undefined ? 'queued' : (ROW_STATES.find((each) => each === state) ?? 'unknown');
}
