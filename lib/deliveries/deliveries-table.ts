import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Failure } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { DeadLetterReason } from '../telemetry/reason-codes.ts';
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

/** The result of taking a row. */
export type TakeResult =
  | { readonly kind: 'taken'; readonly row: HeldRow }
  /** It was delivered before. */
  | { readonly kind: 'duplicate' }
  /** Another holder has it. */
  | { readonly kind: 'in_progress' }
  /**
   * The table cannot be reached, or its response was lost: then the row is held, for at most so long.
   * `cause` is the name of the error.
   */
  | {
      readonly kind: 'deliveries_unavailable';
      readonly cause: string;
      readonly maybeHeldForMs: number;
    };

/** How a row ends its hold, and what it says from then on. */
export type RowEnd = {
  /** The number of attempts that are used up. */
  readonly attempts: number;
  readonly firstAt: Date;
} & (
  | { readonly state: 'delivered' }
  | { readonly state: 'waiting'; readonly lastFailure: Failure; readonly nextAt: string }
  | { readonly state: 'dead'; readonly lastFailure: Failure; readonly reason: DeadLetterReason }
);

/** The result of finishing a row; `cause` is the name of the last error. */
export type FinishResult =
  | { readonly kind: 'finished' }
  | { readonly kind: 'not_written'; readonly cause: string };

/** The rows of deliveries: who holds one, and what has become of it. */
export interface DeliveriesTable {
  /**
   * Holds a row until the end of the holder's invocation, if it is new, waiting or dead, or if its hold
   * or the retention of its delivery is over.
   */
  readonly take: (key: RowKey, holder: Holder) => Promise<TakeResult>;
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
 * - `firstAt`, `lastAt`: when the delivery was processed first and last
 * - `deliveredAt`: the last time that it was delivered
 * - `attempts`; `lastFailure`; `nextAt` while it is waiting; `reason` when it is dead
 * - `receivedAtMs` (Unix times): the webhooks that were delivered under a content hash
 * - `expiresAtSeconds` (Unix time): DynamoDB deletes the row some days after it (TTL). Nothing else
 *   depends on it, because it may be late.
 */
export function createDeliveriesTable(deps: DeliveriesTableDeps): DeliveriesTable {
  return {
    async take(key, holder) {
      const remainingMs = holder.remainingMs();
      try {
        const kind = await takeRow(deps, { key, holder }, remainingMs);
        return kind === 'taken' ? { kind, row: { key, holder } } : { kind };
      } catch (error) {
        // Nothing is sent without a row: a late delivery is still a delivery, a second one cannot be undone.
        const cause = errorName(error);
        return { kind: 'deliveries_unavailable', cause, maybeHeldForMs: remainingMs };
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
          await isAccepted(deps.client, command, deadlineMs);
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
  remainingMs: number,
): Promise<'taken' | 'duplicate' | 'in_progress'> {
  const now = table.now();
  const take = (condition: string, values: Values, forgotten: readonly string[] = []) =>
    isAccepted(
      table.client,
      toTakeCommand(table, row, {
        now,
        heldUntil: new Date(now.getTime() + remainingMs),
        condition,
        values,
        forgotten,
      }),
      TABLE_DEADLINE_MS,
    );
  const retentionStart = new Date(now.getTime() - RETENTION_SECONDS * 1_000).toISOString();
  const isNew = await take(
    [
      'attribute_not_exists(id)',
      // a row with receivedAtMs says what was delivered under it, so that is read first
      `(attribute_not_exists(receivedAtMs) AND (${[
        '#state IN (:waiting, :dead)',
        HOLD_IS_OVER,
        '(#state = :delivered AND deliveredAt < :retentionStart)',
      ].join(' OR ')}))`,
    ].join(' OR '),
    {
      ':waiting': { S: states.waiting },
      ':dead': { S: states.dead },
      ':delivered': { S: states.delivered },
      ':retentionStart': { S: retentionStart },
    },
  );
  if (isNew) return 'taken';

  const { client, tableName } = table;
  // The condition's failure could return the row (ReturnValuesOnConditionCheckFailure); the emulator has
  // no such parameter, and a second way only for AWS would be one that no test covers.
  const read = new GetItemCommand({
    TableName: tableName,
    Key: toItemKey(row.key),
    ConsistentRead: true,
  });
  const { Item } = await withDeadline(TABLE_DEADLINE_MS, (abortSignal) =>
    client.send(read, { abortSignal }),
  );
  const delivered = Item?.['receivedAtMs']?.NS;
  const { receivedAtMs } = row.key;
  if (receivedAtMs === null || delivered === undefined) {
    return Item?.['state']?.S === states.delivered ? 'duplicate' : 'in_progress';
  }
  // The id is a content hash, under which other webhooks were delivered.
  const isRetained = (Item?.['deliveredAt']?.S ?? '') >= retentionStart;
  const isRepetition = (time: string): boolean =>
    // a time that cannot be read is that of any of them
    !(Math.abs(Number(time) - receivedAtMs) > REPETITION_SECONDS * 1_000);
  if (isRetained && delivered.some(isRepetition)) return 'duplicate';
  const forgotten = isRetained
    ? delivered.toSorted((one, other) => Number(other) - Number(one)).slice(MAX_ENTRIES)
    : delivered;
  const isTaken = await take(
    // only if the row is still as it was read
    `receivedAtMs = :read AND (#state <> :inProgress OR ${HOLD_IS_OVER})`,
    { ':read': { NS: [...delivered] } },
    forgotten,
  );
  return isTaken ? 'taken' : 'in_progress';
}

/**
 * The hold is over, or it is our own: then the SDK repeats a call that took effect and whose response was
 * lost.
 */
const HOLD_IS_OVER = '(#state = :inProgress AND (#token = :token OR heldUntil < :now))';

interface Take {
  readonly now: Date;
  readonly heldUntil: Date;
  readonly condition: string;
  readonly values: Values;
  /** Entries of `receivedAtMs` to remove. */
  readonly forgotten: readonly string[];
}

function toTakeCommand(
  { tableName }: Table,
  { key, holder }: HeldRow,
  { now, heldUntil, condition, values, forgotten }: Take,
): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression: [
      'SET #state = :inProgress, #token = :token, heldUntil = :heldUntil, lastAt = :now',
      'firstAt = if_not_exists(firstAt, :now), expiresAtSeconds = :expiresAtSeconds',
    ]
      .join(', ')
      .concat(
        ' REMOVE nextAt, reason',
        forgotten.length > 0 ? ' DELETE receivedAtMs :forgotten' : '',
      ),
    ConditionExpression: condition,
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':inProgress': { S: states.inProgress },
      ':token': { S: holder.token },
      ':heldUntil': { S: heldUntil.toISOString() },
      ':now': { S: now.toISOString() },
      ':expiresAtSeconds': toExpiry(now),
      ...(forgotten.length > 0 && { ':forgotten': { NS: [...forgotten] } }),
      ...values,
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
  if (end.state === 'waiting') set['nextAt'] = { S: end.nextAt };
  if (end.state === 'dead') set['reason'] = { S: end.reason };
  const isByHash = isDelivered && key.receivedAtMs !== null && Number.isFinite(key.receivedAtMs);

  const input: UpdateItemCommandInput = {
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression: `SET #state = :state, ${Object.keys(set)
      .map((name) => `${name} = :${name}`)
      .join(', ')} REMOVE ${isDelivered ? 'lastFailure, ' : ''}#token, heldUntil`.concat(
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

/** Says whether a conditional write met its condition. Rejects when the call fails. */
async function isAccepted(
  client: DynamoDBClient,
  command: UpdateItemCommand,
  deadlineMs: number,
): Promise<boolean> {
  try {
    await withDeadline(deadlineMs, (abortSignal) => client.send(command, { abortSignal }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
