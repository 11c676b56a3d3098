import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Failure } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import { FAILURE_REASONS } from '../telemetry/reason-codes.ts';
import type {
  DeliveriesTable,
  HeldRow,
  RequestTimes,
  RowBefore,
  TakeResult,
  Webhook,
} from './deliveries.ts';
import { MAX_ENTRIES, REPETITION_SECONDS, RETENTION_SECONDS, type RowKey } from './row.ts';
import {
  type Item,
  STATES,
  type Table,
  toFinishCommand,
  toGiveUpCommand,
  toItemKey,
  toFreeCommand,
  toTakeCommand,
  type Values,
  writeIfAllowed,
} from './row-writes.ts';

/** The dependencies of `createDeliveriesTable`. */
export interface DeliveriesTableDeps extends Table {
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Resolves after that many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** What is left of the invocation when a finishing write is given up: to log that, and to return. */
const FINISH_RESERVE_MS = 500;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 1_000;

/**
 * A DynamoDB table with a row for each delivery, and one for each business key: two calls a delivery, one
 * that takes the row and one that finishes it, and a third that reads a row which could not be taken.
 * Beside its key (`id`, `destination`) a row has these attributes; times are RFC 3339, in UTC:
 *
 * - `state`
 * - `token`, `heldUntil`: who holds it and until when; only while it is in progress
 * - `tries`: how often it was taken since it was finished last
 * - `firstAt`, `lastAt`: when the delivery was finished first and last
 * - `deliveredAt`: the last time that it was delivered
 * - `attempts`; `lastFailure`; `nextAt` while it is waiting; `reason` when it is dead
 * - `webhookAtMs` (Unix time): the webhook that took it last, only under a content hash
 * - `receivedAtMs` (Unix times): the webhooks that were delivered under a content hash
 * - `stateShard`: its partition in STATE_INDEX; only while it is waiting or dead, and no business key
 * - `releasedAt`: when an operator released it; until it is delivered again. `lastReleasedAt`: the last time
 * - `erasedAt`: when the data of its person was erased
 * - `event`, `webhookAt`: the type of the record, and when its webhook was received. A row of an earlier
 *   release, and that of a business key, has neither. `codeExpiresAt`: when the code expires
 * - `expiresAtSeconds` (Unix time): `historyDays` after it was written last, DynamoDB may delete the row
 *   (TTL, some days late). Nothing else depends on it.
 */
export function createDeliveriesTable(deps: DeliveriesTableDeps): DeliveriesTable {
  return {
    async take(key, holder, times, webhook) {
      try {
        return await takeRow(deps, { key, holder }, times, webhook ?? null);
      } catch (error) {
        // The row may be held all the same. Free, it can be taken again at once, and no try is counted of
        // a delivery that was not attempted. When that fails too, the hold ends with the invocation.
        const free = toFreeCommand(deps, { key, holder });
        await writeIfAllowed(deps.client, free, TABLE_DEADLINE_MS).catch(() => null);
        // Nothing is sent without a row: a late delivery is still a delivery, a second one cannot be undone.
        return { kind: 'deliveries_unavailable', cause: errorName(error) };
      }
    },

    async finish(row, end) {
      const command = toFinishCommand(deps, row, end);
      const { remainingMs } = row.holder;
      for (
        let backoffMs = FIRST_BACKOFF_MS;
        ;
        backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)
      ) {
        try {
          // Not accepted: the hold is no longer ours, or an earlier try of this write ended it.
          const deadlineMs = Math.max(
            FINISH_RESERVE_MS,
            Math.min(TABLE_DEADLINE_MS, remainingMs() - FINISH_RESERVE_MS),
          );
          await writeIfAllowed(deps.client, command, deadlineMs);
          return { kind: 'finished' };
        } catch (error) {
          // half of it at least, so that many that were throttled together do not come back together
          const waitMs = backoffMs * (0.5 + deps.random() / 2);
          if (remainingMs() - waitMs <= FINISH_RESERVE_MS) {
            return { kind: 'not_written', cause: errorName(error) };
          }
          await deps.wait(waitMs);
        }
      }
    },

    async giveUp(key, end, webhook) {
      try {
        await writeIfAllowed(
          deps.client,
          toGiveUpCommand(deps, key, end, webhook),
          TABLE_DEADLINE_MS,
        );
        return { kind: 'finished' };
      } catch (error) {
        return { kind: 'not_written', cause: errorName(error) };
      }
    },
  };
}

async function takeRow(
  table: Table,
  row: HeldRow,
  { requestedAt }: RequestTimes,
  webhook: Webhook | null,
): Promise<TakeResult> {
  const now = table.now();
  const retentionStart = new Date(now.getTime() - RETENTION_SECONDS * 1_000).toISOString();
  const { isBusinessKey, receivedAtMs } = row.key;
  // a time that cannot be read is that of any webhook
  const webhookAtMs = Number.isFinite(receivedAtMs) ? receivedAtMs : null;
  const take = async (
    conditions: readonly string[],
    values: Values,
    forgotten: readonly string[] = [],
  ): Promise<TakeResult | null> => {
    const command = toTakeCommand(table, row, {
      now,
      conditions,
      values,
      webhookAtMs,
      forgotten,
      webhook,
    });
    const before = await writeIfAllowed(table.client, command, TABLE_DEADLINE_MS);
    return before === null
      ? null
      : { kind: 'taken', row, before: toRowBefore(before, row.holder.token) };
  };

  // an equal body that is received a day after the erasure is another webhook, as one of another id is
  const repetitionStart =
    webhookAtMs === null
      ? null
      : new Date(Math.max(0, webhookAtMs - REPETITION_SECONDS * 1_000)).toISOString();
  const afterDead = toAfterDead(row.key, webhookAtMs, requestedAt);
  const firstTake = await take(
    [
      'attribute_not_exists(id)',
      // a row with receivedAtMs says what was delivered under it, so that is read first
      `(attribute_not_exists(receivedAtMs) AND (${[
        isBusinessKey ? '#state = :waiting' : IS_DUE,
        HOLD_IS_OVER,
        `(#state = :delivered AND (deliveredAt < :retentionStart OR ${IS_RELEASED}))`,
        afterDead.condition,
        ...(repetitionStart === null ? [] : ['(#state = :erased AND erasedAt < :repetitionStart)']),
      ].join(' OR ')}))`,
    ],
    {
      ':waiting': { S: STATES.waiting },
      ':dead': { S: STATES.dead },
      ':delivered': { S: STATES.delivered },
      ':retentionStart': { S: retentionStart },
      ...afterDead.values,
      ...(repetitionStart !== null && {
        ':erased': { S: STATES.erased },
        ':repetitionStart': { S: repetitionStart },
      }),
    },
  );
  if (firstTake !== null) return firstTake;

  const item = await readRow(table, row.key);
  const delivered = item['receivedAtMs']?.NS;
  if (receivedAtMs === null || delivered === undefined) return toRefusal(item, now);
  // The id is a content hash, under which other webhooks were delivered.
  const isRetained = (item['deliveredAt']?.S ?? '') >= retentionStart;
  const isRepetition = (time: string): boolean =>
    // a time that cannot be read is that of any of them
    !(Math.abs(Number(time) - receivedAtMs) > REPETITION_SECONDS * 1_000);
  const isRepeated = isRetained && delivered.some(isRepetition);
  // also while the released delivery is held or waits
  if (isRepeated && item['releasedAt'] === undefined) return { kind: 'duplicate' };
  const forgotten = isRetained
    ? delivered.toSorted((one, other) => Number(other) - Number(one)).slice(MAX_ENTRIES)
    : delivered;
  const secondTake = await take(
    // only if the row is still as it was read
    [
      `(receivedAtMs = :read AND (${[
        // a copy of the message may have used up the release
        isRepeated ? `(#state = :delivered AND ${IS_RELEASED})` : '#state = :delivered',
        afterDead.condition,
        IS_DUE,
        HOLD_IS_OVER,
      ].join(' OR ')}))`,
    ],
    {
      ...afterDead.values,
      ':read': { NS: [...delivered] },
      ':waiting': { S: STATES.waiting },
      ':dead': { S: STATES.dead },
      ':delivered': { S: STATES.delivered },
    },
    forgotten,
  );
  if (secondTake !== null) return secondTake;
  // delivered, but not this webhook: the row changed while it was read
  return item['state']?.S === STATES.delivered ? toChanged(now) : toRefusal(item, now);
}

/**
 * Returns the condition under which what was given up is attempted again. A record that is only routed
 * again requests nothing new: a receiver may have got what was given up. Under a business key or a content
 * hash it may have been another webhook; under a hash `webhookAtMs` says which.
 */
function toAfterDead(
  { isBusinessKey, receivedAtMs }: RowKey,
  webhookAtMs: number | null,
  requestedAt: string,
): { readonly condition: string; readonly values: Values } {
  if (isBusinessKey || (receivedAtMs !== null && webhookAtMs === null)) {
    return { condition: '#state = :dead', values: {} };
  }
  const isAnother =
    webhookAtMs === null
      ? ''
      : 'attribute_not_exists(webhookAtMs) OR webhookAtMs <> :webhookAtMs OR ';
  return {
    condition: `(#state = :dead AND (${isAnother}lastAt < :requestedAt))`,
    values: { ':requestedAt': { S: requestedAt } },
  };
}

/**
 * The hold is over, or it is our own: then the SDK repeats a call that took effect and whose response was
 * lost.
 */
const HOLD_IS_OVER = '(#state = :inProgress AND (#token = :token OR heldUntil <= :now))';
/** An operator has released it. The attribute stays until it is delivered again, whatever fails until then. */
const IS_RELEASED = 'attribute_exists(releasedAt)';
const IS_DUE = '(#state = :waiting AND nextAt <= :now)';
/** When a row is tried again that changed while it was read, or that has a state of another release. */
const UNKNOWN_STATE_MS = 60_000;

/**
 * The condition's failure could return the row (ReturnValuesOnConditionCheckFailure). The emulator has no
 * such parameter, and a second way only for AWS would be one that no test covers.
 */
async function readRow({ client, tableName }: Table, key: RowKey): Promise<Item> {
  const read = new GetItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    ConsistentRead: true,
  });
  const { Item: item = {} } = await withDeadline(TABLE_DEADLINE_MS, (abortSignal) =>
    client.send(read, { abortSignal }),
  );
  return item;
}

/** Says why a row could not be taken. */
function toRefusal(item: Item, now: Date): TakeResult {
  const toDate = (name: string): Date => {
    const date = new Date(item[name]?.S ?? '');
    return Number.isNaN(date.getTime()) ? new Date(now.getTime() + UNKNOWN_STATE_MS) : date;
  };
  const state = item['state']?.S ?? STATES.inProgress;
  switch (state) {
    case STATES.delivered:
      // released after the take was refused
      return item['releasedAt'] === undefined ? { kind: 'duplicate' } : toChanged(now);
    case STATES.erased:
      return { kind: 'erased' };
    case STATES.dead:
      return { kind: 'given_up' };
    case STATES.waiting:
      return { kind: 'not_due', until: toDate('nextAt') };
    default:
      return { kind: 'in_progress', until: toDate('heldUntil') };
  }
}

/** The row changed while it was read: its message looks again. */
function toChanged(now: Date): TakeResult {
  return { kind: 'in_progress', until: new Date(now.getTime() + UNKNOWN_STATE_MS) };
}

/** Reads what a row said before it was taken under this token. */
function toRowBefore(item: Item, token: string): RowBefore {
  const state = item['state']?.S;
  const isReleased = item['releasedAt'] !== undefined;
  // what was delivered or given up before begins anew
  if (state !== STATES.waiting && state !== STATES.inProgress) {
    return { ...NEW_DELIVERY, isReleased };
  }
  const tries = Number(item['tries']?.N ?? 0);
  // our own token: the SDK repeated this very take
  const isOwn = state === STATES.inProgress && item['token']?.S === token;
  const unfinishedTries = isOwn ? tries - 1 : tries;
  // taken since it was delivered, and not finished: what the row says of attempts is of that delivery
  const deliveredAt = item['deliveredAt']?.S;
  if (deliveredAt !== undefined && deliveredAt === item['lastAt']?.S) {
    return { ...NEW_DELIVERY, unfinishedTries, isReleased };
  }
  const firstAt = item['firstAt']?.S;
  return {
    attempts: Number(item['attempts']?.N ?? 0),
    firstAt: firstAt === undefined ? null : new Date(firstAt),
    lastFailure: toFailure(item['lastFailure']?.M),
    unfinishedTries,
    isReleased,
  };
}

const NEW_DELIVERY = { attempts: 0, firstAt: null, lastFailure: null, unfinishedTries: 0 } as const;

/** Reads a failure as toFailureMap wrote it; `unknown` for a reason of a later release. */
function toFailure(map: Item | undefined): Failure | null {
  if (map === undefined) return null;
  const status = map['status']?.N;
  return {
    reason: v.parse(ReasonSchema, map['reason']?.S),
    cause: map['cause']?.S ?? null,
    status: status === undefined ? null : Number(status),
  };
}
const ReasonSchema = v.fallback(v.picklist(FAILURE_REASONS), 'unknown');
