import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { errorName } from '../error-name.ts';
import { INDEX_DEADLINE_MS, TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import { splitEvery } from '../split-every.ts';
import type { IndexKeys } from './index-keys.ts';
import { type IndexRow, type RoutedRecord, toIndexRows } from './index-rows.ts';

/** Whether the rows of a batch are stored; `cause` is the name of the error. */
export type IndexResult =
  | { readonly kind: 'stored' }
  | { readonly kind: 'not_stored'; readonly cause: string };

/** The index by which a person finds the deliveries of a customer or a code. */
export interface DeliveryIndex {
  /**
   * Writes the index rows of records. It ends within INDEX_DEADLINE_MS and never rejects: without its rows a
   * record is delivered all the same.
   */
  readonly write: (records: readonly RoutedRecord[]) => Promise<IndexResult>;
}

/** The dependencies of `createDeliveryIndex`. */
export interface DeliveryIndexDeps {
  readonly client: DynamoDBClient;
  /** The deliveries table. */
  readonly tableName: string;
  readonly historyDays: number;
  readonly keys: IndexKeys;
  readonly now: () => Date;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Resolves after that many milliseconds. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

/** API reference of BatchWriteItem. Usual batches have four rows for each record, so two calls at once. */
const MAX_ROWS = 25;
/** What a throttled table leaves over is written again after so long; the deadline ends it. */
const BACKOFF_MS = 100;

/** Creates the index over rows of the deliveries table. */
export function createDeliveryIndex(deps: DeliveryIndexDeps): DeliveryIndex {
  const { client, tableName, keys, now } = deps;

  const writeRows = async (rows: readonly IndexRow[], signal: AbortSignal): Promise<void> => {
    let left = rows.map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    while (left.length > 0) {
      const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: left } });
      const { UnprocessedItems = {} } = await client.send(command, { abortSignal: signal });
      left = (UnprocessedItems[tableName] ?? []).flatMap(({ PutRequest }) =>
        PutRequest?.Item === undefined ? [] : [{ PutRequest: { Item: PutRequest.Item } }],
      );
      if (left.length > 0) await deps.wait(BACKOFF_MS * (0.5 + deps.random()), signal);
    }
  };

  return {
    async write(records) {
      try {
        await withDeadline(INDEX_DEADLINE_MS, async (signal) => {
          const [key] = await keys();
          const rows = records.flatMap((record) =>
            toIndexRows(record, key, now(), deps.historyDays),
          );
          await Promise.all(splitRows(rows).map((part) => writeRows(part, signal)));
        });
        return { kind: 'stored' };
      } catch (error) {
        return { kind: 'not_stored', cause: errorName(error) };
      }
    },
  };
}

/**
 * Returns the function that adds a destination to the index rows of a record, which is replayed to another
 * destination than it was routed to: else nobody would find that delivery by the customer, and an erasure
 * would miss it. Rows that are gone stay so. It rejects when the table or the index key cannot be read.
 */
export function createIndexAddition({
  client,
  tableName,
  keys,
  now,
  historyDays,
}: Pick<DeliveryIndexDeps, 'client' | 'tableName' | 'keys' | 'now' | 'historyDays'>): (
  record: RoutedRecord['record'],
  destination: string,
) => Promise<void> {
  const add = async (row: IndexRow, destination: string): Promise<void> => {
    const { id, destination: sortKey } = row;
    if (id === undefined || sortKey === undefined) return;
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: { id, destination: sortKey },
      UpdateExpression: 'ADD replayedTo :destination',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: { ':destination': { SS: [destination] } },
    });
    try {
      await withDeadline(TABLE_DEADLINE_MS, (abortSignal) => client.send(command, { abortSignal }));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  };
  return async (record, destination) => {
    for (const key of await keys()) {
      const rows = toIndexRows({ record, destinations: [destination] }, key, now(), historyDays);
      await Promise.all(rows.map((row) => add(row, destination)));
    }
  };
}

/** Splits rows into requests. Two rows of one key, of a record that is twice in a batch, become one. */
function splitRows(rows: readonly IndexRow[]): readonly (readonly IndexRow[])[] {
  const byKey = new Map(rows.map((row) => [`${row['id']?.S} ${row['destination']?.S}`, row]));
  return splitEvery(MAX_ROWS, [...byKey.values()]);
}
