import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { toRowId } from '../deliveries/row.ts';
import { STATES, toItemKey, toReleaseCommand, writeIfAllowed } from '../deliveries/row-writes.ts';
import { mapLimited } from '../fan-out/map-limited.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { createTableReads, type Item, MAX_READS } from './table-reads.ts';

/** An operator's request to let what was delivered be delivered once more. */
export const ReleaseRequestSchema = v.strictObject({
  command: v.literal('release'),
  /** The ids of the webhooks. */
  records: v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty())),
    v.minLength(1),
    v.maxLength(MAX_READS),
  ),
  /** The `id` of the destination. */
  destination: v.pipe(v.string(), v.nonEmpty()),
  /** Nothing is released: the report says what would be. */
  dryRun: v.optional(v.boolean(), false),
});
export type ReleaseRequest = v.InferOutput<typeof ReleaseRequestSchema>;

/**
 * What was decided about one delivery. `not_delivered`: it waits or is in progress, so there is nothing to
 * release. `dead`: it is replayed instead. `expired`: its code has expired. `not_found`: no such webhook, or
 * one that has not been attempted yet.
 */
export type ReleaseStatus =
  | 'released'
  | 'would_release'
  | 'not_delivered'
  | 'dead'
  | 'expired'
  | 'erased'
  | 'not_found';

/** The result for one delivery; times are RFC 3339. Nothing personal. */
export interface ReleaseResult {
  /** The id of the webhook, as it was asked for. */
  readonly record: string;
  readonly status: ReleaseStatus;
  readonly event: string | null;
  readonly deliveredAt: string | null;
  readonly codeExpiresAt: string | null;
}

/**
 * Releases deliveries. Nothing is sent: the next webhook with the id passes, which somebody resends in
 * Voucherify. Both methods take up to 100 ids, return a result for each, and reject when the table fails;
 * then they can be repeated.
 */
export interface Release {
  /** Says what `release` would do. */
  readonly preview: (
    ids: readonly string[],
    destinationId: string,
  ) => Promise<readonly ReleaseResult[]>;
  readonly release: (
    ids: readonly string[],
    destinationId: string,
  ) => Promise<readonly ReleaseResult[]>;
}

/** The dependencies of `createRelease`. */
export interface ReleaseDeps {
  readonly client: DynamoDBClient;
  /** The deliveries table. */
  readonly tableName: string;
  readonly now: () => Date;
}

/** As many as the SDK has connections. */
const MAX_WRITES = 50;

/** Creates the release of deliveries: one read for all of them, and a conditional write for each. */
export function createRelease(deps: ReleaseDeps): Release {
  const { client, tableName, now } = deps;
  const { readRows } = createTableReads(client, tableName);

  const preview = async (
    ids: readonly string[],
    destination: string,
  ): Promise<readonly ReleaseResult[]> => {
    const keys = [...new Set(ids.map(toRowId))].map((id) => toItemKey({ id, destination }));
    const rows = new Map((await readRows(keys)).map((row) => [row['id']?.S, row]));
    return ids.map((record) => toResult(record, rows.get(toRowId(record)), now()));
  };

  return {
    preview,
    async release(ids, destination) {
      const results = await preview(ids, destination);
      const changedIds: string[] = [];
      await mapLimited(
        MAX_WRITES,
        results.filter(({ status }) => status === 'would_release'),
        async ({ record }) => {
          const command = toReleaseCommand(deps, { id: toRowId(record), destination });
          const before = await writeIfAllowed(client, command, TABLE_DEADLINE_MS);
          if (before === null) changedIds.push(record);
        },
      );
      // what another delivery, or an erasure, changed between the read and the write
      const changed = changedIds.length === 0 ? [] : await preview(changedIds, destination);
      return results.map((result) => {
        if (result.status !== 'would_release') return result;
        const other = changed.find(({ record }) => record === result.record);
        if (other === undefined) return withStatus(result, 'released');
        return other.status === 'would_release' ? withStatus(other, 'not_delivered') : other;
      });
    },
  };
}

function withStatus(result: ReleaseResult, status: ReleaseStatus): ReleaseResult {
  return { ...result, status };
}

function toResult(record: string, row: Item = {}, now: Date): ReleaseResult {
  const text = (name: string): string | null => row[name]?.S ?? null;
  const codeExpiresAt = text('codeExpiresAt');
  const isExpired = codeExpiresAt !== null && codeExpiresAt <= now.toISOString();
  return {
    record,
    status: toStatus(text('state'), isExpired),
    event: text('event'),
    deliveredAt: text('deliveredAt'),
    codeExpiresAt,
  };
}

function toStatus(state: string | null, isExpired: boolean): ReleaseStatus {
  switch (state) {
    case null:
      return 'not_found';
    case STATES.delivered:
      return isExpired ? 'expired' : 'would_release';
    case STATES.dead:
      return 'dead';
    case STATES.erased:
      return 'erased';
    // held or waiting, or in a state of another release
    default:
      return 'not_delivered';
  }
}
