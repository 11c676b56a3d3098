import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Failure } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import { type DeadLetterReason, FAILURE_REASONS } from '../telemetry/reason-codes.ts';
import {
  MAX_ENTRIES,
  REPETITION_SECONDS,
  RETENTION_SECONDS,
  ROW_SECONDS,
  type RowKey,
  type RowState,
} from './row.ts';

/** Who takes rows: one message in one invocation. */
export interface Holder {
  /**
   * The same for every call of this holder, so that a call whose response was lost recognises its own
   * hold, and of no other holder.
   */
  readonly token: string;
  /** Milliseconds until the invocation ends, and with it every hold of it. */
  readonly remainingMs: () => number;
}

/** A row that a holder took and has not finished. */
export interface HeldRow {
  readonly key: RowKey;
  readonly holder: Holder;
}

/** The times of the message that asks for a delivery, RFC 3339. */
export interface RequestTimes {
  /** When the record was routed: a delivery that was given up before is attempted again. */
  readonly routedAt: string;
  /** When it was resent on purpose: a delivery that was made before is made again. Else null. */
  readonly resentAt: string | null;
}

/** What a row said before it was taken. */
export interface RowBefore {
  /** The attempts that were used up. */
  readonly attempts: number;
  /** When the delivery was taken first; null when it is new. */
  readonly firstAt: Date | null;
  /** What it failed with last; null when nothing failed. */
  readonly lastFailure: Failure | null;
  /** How many times it was taken before and not finished: the invocation ended first. */
  readonly unfinishedTries: number;
}

/** The result of taking a row. */
export type TakeResult =
  | { readonly kind: 'taken'; readonly row: HeldRow; readonly before: RowBefore }
  /** It was delivered before. */
  | { readonly kind: 'duplicate' }
  /** It was given up after this message was sent: the message is a copy. */
  | { readonly kind: 'given_up' }
  /** Another holder has it, until then at most. */
  | { readonly kind: 'in_progress'; readonly until: Date }
  /** It waits for its next attempt. */
  | { readonly kind: 'not_due'; readonly until: Date }
  /** The table cannot be reached, or its response was lost. `cause` is the name of the error. */
  | { readonly kind: 'deliveries_unavailable'; readonly cause: string };

/** How a row ends its hold, and what it says from then on. */
export type RowEnd = {
  /** The number of attempts that are used up. */
  readonly attempts: number;
  readonly firstAt: Date;
} & (
  | { readonly state: 'delivered' }
  | {
      readonly state: 'waiting';
      readonly lastFailure: Failure;
      readonly nextAt: string;
      /** Above 0 when no attempt was made and the tries before did not finish. */
      readonly unfinishedTries: number;
    }
  | { readonly state: 'dead'; readonly lastFailure: Failure; readonly reason: DeadLetterReason }
);

/** The result of finishing a row; `cause` is the name of the last error. */
export type FinishResult =
  | { readonly kind: 'finished' }
  | { readonly kind: 'not_written'; readonly cause: string };

/** The rows of deliveries: who holds one, and what has become of it. */
export interface DeliveriesTable {
  /**
   * Holds a row until the end of the holder's invocation: if it is new, or waiting and due, or if its hold
   * or the retention of its delivery is over, or if it ended before the message asked for it again.
   */
  readonly take: (key: RowKey, holder: Holder, times: RequestTimes) => Promise<TakeResult>;
  /**
   * Ends a hold. The write is repeated until little time of the invocation is left: one that is lost
   * after a delivery lets the next repetition be delivered again.
   */
  readonly finish: (row: HeldRow, end: RowEnd) => Promise<FinishResult>;
}

/** The dependencies of `createDeliveriesTable`. */
export interface DeliveriesTableDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly now: () => Date;
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
 * - `receivedAtMs` (Unix times): the webhooks that were delivered under a content hash
 * - `expiresAtSeconds` (Unix time): DynamoDB deletes the row some days after it (TTL). Nothing else
 *   depends on it, because it may be late.
 */
export function createDeliveriesTable(deps: DeliveriesTableDeps): DeliveriesTable {
  return {
    async take(key, holder, times) {
      try {
        return await takeRow(deps, { key, holder }, times);
      } catch (error) {
        // The row may be held all the same. Free, it can be taken again at once, and no try is counted of
        // a delivery that was not attempted. When that fails too, the hold ends with the invocation.
        const release = toReleaseCommand(deps, { key, holder });
        await writeIfAllowed(deps.client, release, TABLE_DEADLINE_MS).catch(() => null);
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
  };
}

/** DynamoDB reserves these words, so expressions name them indirectly. */
const NAMES = { '#state': 'state', '#token': 'token' };

const states = {
  inProgress: 'in_progress',
  waiting: 'waiting',
  delivered: 'delivered',
  dead: 'dead',
} as const satisfies { readonly [name: string]: RowState };

type Table = Pick<DeliveriesTableDeps, 'client' | 'tableName' | 'now'>;
type Values = { readonly [name: string]: AttributeValue };

async function takeRow(
  table: Table,
  row: HeldRow,
  { routedAt, resentAt }: RequestTimes,
): Promise<TakeResult> {
  const now = table.now();
  const retentionStart = new Date(now.getTime() - RETENTION_SECONDS * 1_000).toISOString();
  const take = async (
    conditions: readonly string[],
    values: Values,
    forgotten: readonly string[] = [],
  ): Promise<TakeResult | null> => {
    const command = toTakeCommand(table, row, { now, conditions, values, forgotten });
    const before = await writeIfAllowed(table.client, command, TABLE_DEADLINE_MS);
    return before === null
      ? null
      : { kind: 'taken', row, before: toRowBefore(before, row.holder.token) };
  };

  const { isBusinessKey, receivedAtMs } = row.key;
  // what was given up may have been another webhook than this one
  const isShared = isBusinessKey || receivedAtMs !== null;
  const firstTake = await take(
    [
      'attribute_not_exists(id)',
      // a row with receivedAtMs says what was delivered under it, so that is read first
      `(attribute_not_exists(receivedAtMs) AND (${[
        isBusinessKey ? '#state = :waiting' : IS_DUE,
        HOLD_IS_OVER,
        '(#state = :delivered AND deliveredAt < :retentionStart)',
        isShared ? '#state = :dead' : '(#state = :dead AND lastAt < :routedAt)',
        ...(resentAt === null ? [] : ['(#state IN (:dead, :delivered) AND lastAt < :resentAt)']),
      ].join(' OR ')}))`,
    ],
    {
      ':waiting': { S: states.waiting },
      ':dead': { S: states.dead },
      ':delivered': { S: states.delivered },
      ':retentionStart': { S: retentionStart },
      ...(!isShared && { ':routedAt': { S: routedAt } }),
      ...(resentAt !== null && { ':resentAt': { S: resentAt } }),
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
  const isResent = resentAt !== null && (item['lastAt']?.S ?? '') < resentAt;
  if (isRetained && delivered.some(isRepetition) && !isResent) return { kind: 'duplicate' };
  const forgotten = isRetained
    ? delivered.toSorted((one, other) => Number(other) - Number(one)).slice(MAX_ENTRIES)
    : delivered;
  const secondTake = await take(
    // only if the row is still as it was read
    [`(receivedAtMs = :read AND (#state IN (:dead, :delivered) OR ${IS_DUE} OR ${HOLD_IS_OVER}))`],
    {
      ':read': { NS: [...delivered] },
      ':waiting': { S: states.waiting },
      ':dead': { S: states.dead },
      ':delivered': { S: states.delivered },
    },
    forgotten,
  );
  return secondTake ?? toRefusal(item, now);
}

/**
 * The hold is over, or it is our own: then the SDK repeats a call that took effect and whose response was
 * lost.
 */
const HOLD_IS_OVER = '(#state = :inProgress AND (#token = :token OR heldUntil <= :now))';
const IS_DUE = '(#state = :waiting AND nextAt <= :now)';
/** When a row is tried again that changed while it was read, or that has a state of another release. */
const UNKNOWN_STATE_MS = 60_000;

type Item = { readonly [name: string]: AttributeValue };

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
  const state = item['state']?.S ?? states.inProgress;
  switch (state) {
    case states.delivered:
      return { kind: 'duplicate' };
    case states.dead:
      return { kind: 'given_up' };
    case states.waiting:
      return { kind: 'not_due', until: toDate('nextAt') };
    default:
      return { kind: 'in_progress', until: toDate('heldUntil') };
  }
}

/** Reads what a row said before it was taken under this token. */
function toRowBefore(item: Item, token: string): RowBefore {
  const state = item['state']?.S;
  // what was delivered or given up before begins anew
  if (state !== states.waiting && state !== states.inProgress) {
    return { attempts: 0, firstAt: null, lastFailure: null, unfinishedTries: 0 };
  }
  const tries = Number(item['tries']?.N ?? 0);
  // our own token: the SDK repeated this very take
  const isOwn = state === states.inProgress && item['token']?.S === token;
  const firstAt = item['firstAt']?.S;
  return {
    attempts: Number(item['attempts']?.N ?? 0),
    firstAt: firstAt === undefined ? null : new Date(firstAt),
    lastFailure: toFailure(item['lastFailure']?.M),
    unfinishedTries: isOwn ? tries - 1 : tries,
  };
}

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

interface Take {
  readonly now: Date;
  /** One of them must hold. */
  readonly conditions: readonly string[];
  readonly values: Values;
  /** Entries of `receivedAtMs` to remove. */
  readonly forgotten: readonly string[];
}

function toTakeCommand(
  { tableName }: Table,
  { key, holder }: HeldRow,
  { now, conditions, values, forgotten }: Take,
): UpdateItemCommand {
  const heldUntil = new Date(now.getTime() + holder.remainingMs());
  return new UpdateItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression: [
      'SET #state = :inProgress, #token = :token, heldUntil = :heldUntil',
      ', tries = if_not_exists(tries, :none) + :one, expiresAtSeconds = :expiresAtSeconds',
      ' REMOVE nextAt, reason',
      forgotten.length > 0 ? ' DELETE receivedAtMs :forgotten' : '',
    ].join(''),
    ConditionExpression: conditions.join(' OR '),
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':inProgress': { S: states.inProgress },
      ':token': { S: holder.token },
      ':heldUntil': { S: heldUntil.toISOString() },
      ':now': { S: now.toISOString() },
      ':none': { N: '0' },
      ':one': { N: '1' },
      ':expiresAtSeconds': toExpiry(now),
      ...(forgotten.length > 0 && { ':forgotten': { NS: [...forgotten] } }),
      ...values,
    },
    ReturnValues: 'ALL_OLD',
  });
}

/** Ends a hold that nobody knows of, and takes its try back. */
function toReleaseCommand({ tableName, now }: Table, { key, holder }: HeldRow): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression:
      'SET #state = :waiting, nextAt = :now, tries = tries - :one REMOVE #token, heldUntil',
    ConditionExpression: '#token = :token',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':waiting': { S: states.waiting },
      ':token': { S: holder.token },
      ':now': { S: now().toISOString() },
      ':one': { N: '1' },
    },
  });
}

/**
 * `delivered` is written whoever holds the row now: the delivery was made, so the next one is a duplicate.
 * What did not deliver is written only under our token: DynamoDB may carry out a call late, after its
 * timeout, and without the condition that would end the hold, or hide the delivery, of another call.
 */
function toFinishCommand({ tableName, now }: Table, row: HeldRow, end: RowEnd): UpdateItemCommand {
  const { key, holder } = row;
  const at = now();
  const set: Record<string, AttributeValue> = {
    lastAt: { S: at.toISOString() },
    firstAt: { S: end.firstAt.toISOString() },
    attempts: { N: String(end.attempts) },
    expiresAtSeconds: toExpiry(at),
  };
  const isDelivered = end.state === 'delivered';
  if (isDelivered) set['deliveredAt'] = { S: at.toISOString() };
  else set['lastFailure'] = toFailureMap(end.lastFailure);
  if (end.state === 'waiting') {
    set['nextAt'] = { S: end.nextAt };
    set['tries'] = { N: String(end.unfinishedTries) };
  }
  if (end.state === 'dead') set['reason'] = { S: end.reason };
  const isByHash = isDelivered && key.receivedAtMs !== null && Number.isFinite(key.receivedAtMs);

  const input: UpdateItemCommandInput = {
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression: `SET #state = :state, ${Object.keys(set)
      .map((name) => `${name} = :${name}`)
      .join(
        ', ',
      )} REMOVE ${isDelivered ? 'lastFailure, ' : ''}${end.state === 'waiting' ? '' : 'tries, '}#token, heldUntil`.concat(
      isByHash ? ' ADD receivedAtMs :receivedAtMs' : '',
    ),
    ...(!isDelivered && { ConditionExpression: '#token = :token' }),
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':state': { S: end.state },
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
      ...(!isDelivered && { ':token': { S: holder.token } }),
      ...(isByHash && { ':receivedAtMs': { NS: [String(key.receivedAtMs)] } }),
    },
  };
  return new UpdateItemCommand(input);
}

/** The reason, the name of an error and a status: nothing of a request or a response. */
function toFailureMap({ reason, cause, status }: Failure): AttributeValue {
  return {
    M: {
      reason: { S: reason },
      ...(cause !== null && { cause: { S: cause } }),
      ...(status !== null && { status: { N: String(status) } }),
    },
  };
}

function toItemKey({ id, destination }: RowKey): { [name: string]: AttributeValue } {
  return { id: { S: id }, destination: { S: destination } };
}

function toExpiry(now: Date): AttributeValue {
  return { N: String(Math.floor(now.getTime() / 1_000) + ROW_SECONDS) };
}

/**
 * Carries out a conditional write. Rejects when the call fails.
 * @returns the row before it, where the command asks for that; null when its condition was not met
 */
async function writeIfAllowed(
  client: DynamoDBClient,
  command: UpdateItemCommand,
  deadlineMs: number,
): Promise<Item | null> {
  try {
    const { Attributes = {} } = await withDeadline(deadlineMs, (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return Attributes;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null;
    throw error;
  }
}
