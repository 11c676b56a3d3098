import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';

/** A row, or the key of one. */
export type Item = { readonly [name: string]: AttributeValue };

/** Reads of the deliveries table by key. Every method rejects when the table cannot be read. */
export interface TableReads {
  /** Reads one page. `hasMore`: the query did not come to its end. */
  readonly query: (
    input: Omit<QueryCommandInput, 'TableName'>,
  ) => Promise<{ readonly items: readonly Item[]; readonly hasMore: boolean }>;
  /** Reads up to a hundred rows by their keys, none of them twice; a row that does not exist is left out. */
  readonly readRows: (keys: readonly Item[]) => Promise<readonly Item[]>;
}

/** API reference of BatchGetItem. */
export const MAX_READS = 100;
/** A throttled table leaves keys over; they are read again so often. */
const MAX_READ_TRIES = 3;

/** Creates the reads of a table. */
export function createTableReads(client: DynamoDBClient, tableName: string): TableReads {
  return {
    async query(input) {
      const command = new QueryCommand({ TableName: tableName, ...input });
      const { Items = [], LastEvaluatedKey } = await withDeadline(
        TABLE_DEADLINE_MS,
        (abortSignal) => client.send(command, { abortSignal }),
      );
      return { items: Items, hasMore: LastEvaluatedKey !== undefined };
    },

    async readRows(keys) {
      const items: Item[] = [];
      let left = keys.map((key) => ({ ...key }));
      for (let n = 0; left.length > 0; n += 1) {
        if (n === MAX_READ_TRIES) throw new Error('The deliveries table is throttled: try again');
        const command = new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } },
        });
        const { Responses = {}, UnprocessedKeys = {} } = await withDeadline(
          TABLE_DEADLINE_MS,
          (abortSignal) => client.send(command, { abortSignal }),
        );
        items.push(...(Responses[tableName] ?? []));
        left = UnprocessedKeys[tableName]?.Keys ?? [];
      }
      return items;
    },
  };
}
