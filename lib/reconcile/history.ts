import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { IndexKey, IndexKeys } from '../deliveries/index-keys.ts';
import { parseIndexRow, toCodeIndexId } from '../deliveries/index-rows.ts';
import { mapLimited } from '../fan-out/map-limited.ts';
import { createTableReads, type Item } from '../operator/table-reads.ts';
import { createMatcher, type Match } from './compare.ts';
import type { Publication } from './publication.ts';

/** What came, as the index rows by code say. */
export interface History {
  /** How each publication was found, in their order. Rejects when the table cannot be read. */
  readonly find: (publications: readonly Publication[]) => Promise<readonly Match[]>;
  /** The names by which codes are known outside of the table: keyed hashes. */
  readonly hashCodes: (codes: readonly string[]) => Promise<readonly string[]>;
}

/** The dependencies of `createHistory`. */
export interface HistoryDeps {
  readonly client: DynamoDBClient;
  /** The deliveries table. */
  readonly tableName: string;
  readonly keys: IndexKeys;
}

/** Queries at once: some thousand a second, which leaves the table to deliveries. */
const QUERIES_AT_ONCE = 16;
/** Most codes have one row or two; a code that everybody gets has as many as there are customers. */
const PAGE_ROWS = 500;
/** No webhook comes before its publication; the clocks may differ. */
const MARGIN_MS = 3_600_000;

/**
 * Creates the history. It asks for each code once, from the time of its first publication on, and reads on until
 * each publication is found. What came in the last seconds may not be seen, and is pending anyway.
 */
export function createHistory({ client, tableName, keys }: HistoryDeps): History {
  const { query } = createTableReads(client, tableName);

  const findByCode = async (
    indexKeys: readonly IndexKey[],
    code: string,
    publications: readonly Publication[],
  ): Promise<readonly Match[]> => {
    const matcher = createMatcher(publications);
    const firstMs = Math.min(...publications.map(({ at }) => Date.parse(at)));
    const since = new Date(firstMs - MARGIN_MS).toISOString();
    for (const key of indexKeys) {
      let after: Item | null = null;
      do {
        const { items, hasMore } = await query({
          KeyConditionExpression: 'id = :id AND #sort >= :since',
          ExpressionAttributeNames: { '#sort': 'destination' },
          ExpressionAttributeValues: {
            ':id': { S: toCodeIndexId(key, code) },
            ':since': { S: since },
          },
          Limit: PAGE_ROWS,
          ...(after !== null && { ExclusiveStartKey: after }),
        });
        if (matcher.add(items.map(parseIndexRow))) return matcher.finish();
        after = hasMore ? toKey(items.at(-1)) : null;
      } while (after !== null);
    }
    return matcher.finish();
  };

  return {
    async find(publications) {
      const indexKeys = await keys();
      const matches: Match[] = publications.map(() => ({ by: 'none', hasCode: false }));
      let left = publications.map((publication, index) => ({ publication, index, n: 0 }));
      // a publication of several codes has a webhook with all of them: usually the first one finds it
      while (left.length > 0) {
        const byCode = Map.groupBy(
          left.filter(({ publication, n }) => n < publication.codes.length),
          ({ publication, n }) => publication.codes[n] ?? '',
        );
        await mapLimited(QUERIES_AT_ONCE, [...byCode], async ([code, asked]) => {
          const found = await findByCode(
            indexKeys,
            code,
            asked.map(({ publication }) => publication),
          );
          for (const [n, { index }] of asked.entries()) {
            const match = found[n] ?? { by: 'none', hasCode: false };
            const before = matches[index];
            matches[index] =
              match.by === 'none' && before?.by === 'none'
                ? { by: 'none', hasCode: match.hasCode || before.hasCode }
                : match;
          }
        });
        left = left.flatMap((each) =>
          matches[each.index]?.by === 'none' && each.n + 1 < each.publication.codes.length
            ? [{ ...each, n: each.n + 1 }]
            : [],
        );
      }
      return matches;
    },

    async hashCodes(codes) {
      const [key] = await keys();
      return codes.map((code) => toCodeIndexId(key, code));
    },
  };
}

function toKey(row: Item | undefined): Item | null {
  const { id, destination } = row ?? {};
  return id === undefined || destination === undefined ? null : { id, destination };
}
