import { createHash } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { errorName } from '../error-name.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import { toAllowedId } from '../record/allowed-id.ts';
import { isContentHashId } from '../record/record-id.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DeliveryResult } from '../fan-out/delivery.ts';

/** What makes a delivery unique. An operator can read `key` in the table; `kind` says how long it is kept. */
export type IdempotencyKey =
  | { readonly kind: 'delivery' | 'business'; readonly key: string }
  /** Unique only together with the time of the webhook (Unix time). */
  | { readonly kind: 'delivery_by_hash'; readonly key: string; readonly receivedAtMs: number };
export type KeyKind = IdempotencyKey['kind'];

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * How long a completed key makes a delivery a duplicate, from its delivery on: longer than the sender's
 * retries, than a manual resend (14 days, vendor facts, section 1) and than anything waits in quarantine
 * or as a dead letter.
 */
export const RETENTION_SECONDS: { readonly [Kind in KeyKind]: number } = {
  delivery: 15 * DAY_SECONDS,
  delivery_by_hash: 15 * DAY_SECONDS,
  business: 15 * DAY_SECONDS,
};

/**
 * Equal bodies without an id are repetitions of one webhook when they were received within this time:
 * as long as the sender retries (24 hours) and little longer, since the same body may be meant again
 * another day. When they are delivered does not count: they may have waited together in quarantine.
 */
export const REPETITION_SECONDS = 26 * HOUR_SECONDS;
/** How many entries of `receivedAtMs` a row keeps, the latest ones: many more than 15 days can have. */
export const MAX_ENTRIES = 50;

/**
 * DynamoDB accepts a key of 2,048 bytes (Amazon DynamoDB Developer Guide, "Constraints"). Without a limit,
 * a delivery with a longer id would wait for the table a whole day and never be attempted.
 */
const KEY_ID = /^[^]{1,512}$/;

/**
 * The key of the delivery of one record to one destination: the same for every attempt.
 * @param receivedAt when the record's webhook was received, RFC 3339
 */
export function toDeliveryKey(
  recordId: string,
  destination: string,
  receivedAt: string,
): IdempotencyKey {
  const key = `delivery#${destination}#${toAllowedId(recordId, KEY_ID)}`;
  if (!isContentHashId(recordId)) return { kind: 'delivery', key };
  return { kind: 'delivery_by_hash', key, receivedAtMs: Date.parse(receivedAt) };
}

/**
 * The key of everything that a destination should get only once for one business key.
 * @param businessKey the result of the destination's `deduplicateBy`. It may be personal, so the table
 * gets its SHA-256 hash.
 */
export function toBusinessKey(businessKey: string, destination: string): IdempotencyKey {
  const hash = createHash('sha256').update(businessKey).digest('hex');
  return { kind: 'business', key: `business#${destination}#${hash}` };
}

/**
 * Calls `run` unless its key is completed (`duplicate`) or held by someone else (`in_progress`).
 * `delivered`, and `duplicate` from a key inside this one, complete the key. Every other result releases
 * it, and so does an exception of `run`, which is thrown on.
 */
export type RunOnce = (
  key: IdempotencyKey,
  run: () => Promise<DeliveryResult>,
) => Promise<DeliveryResult>;

/** The keys of one invocation. A key that a crash leaves held is free when the invocation's time is over. */
export type IdempotencyStore = (invocation: Pick<Context, 'getRemainingTimeInMillis'>) => RunOnce;

/** The dependencies of the store. */
export interface IdempotencyStoreDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  /** Makes a random token that no other call gets, such as a UUID. */
  readonly createToken: () => string;
}

/**
 * A store in a DynamoDB table: two calls a key, one to acquire it and one to complete or release it, and
 * a third that reads a key which could not be acquired. A row has these attributes:
 *
 * - `id`: the key
 * - `state`: `in_progress` or `delivered`
 * - `token`, `heldUntilMs` (Unix time): who holds it and until when; only while it is in progress
 * - `expiresAtSeconds` (Unix time): the end of its retention. DynamoDB deletes the row some days after
 *   it (TTL), so it is compared with the clock too.
 * - `receivedAtMs` (Unix times): the webhooks that were delivered under a content hash
 */
export function createIdempotencyStore(deps: IdempotencyStoreDeps): IdempotencyStore {
  const { telemetry, now, createToken } = deps;
  return (invocation) => async (key, run) => {
    const hold: Hold = {
      key,
      token: createToken(),
      untilMs: now().getTime() + invocation.getRemainingTimeInMillis(),
    };
    let wasDelivered: boolean;
    try {
      const acquired = await acquire(deps, hold);
      if (acquired === 'duplicate' || acquired === 'in_progress') return { kind: acquired };
      wasDelivered = acquired === 'acquired_again';
    } catch (error) {
      // Nothing is sent without a key: a late delivery is still a delivery, a second one cannot be undone.
      return { kind: 'deliveries_unavailable', cause: errorName(error) };
    }

    /** A failed write changes no result. A key that stays held is free when the invocation's time is over. */
    const finish = async (outcome: string, write: () => Promise<void>): Promise<void> => {
      try {
        await write();
      } catch (error) {
        const code = 'deliveries_write_failed';
        telemetry.error({ code, id: key.key, outcome, cause: errorName(error) });
      }
    };
    let result: DeliveryResult;
    try {
      result = await run();
    } catch (error) {
      await finish('error', () => release(deps, hold, wasDelivered));
      throw error;
    }
    const isComplete = result.kind === 'delivered' || result.kind === 'duplicate';
    await finish(result.kind, () =>
      isComplete ? complete(deps, hold) : release(deps, hold, wasDelivered),
    );
    return result;
  };
}

type Table = Pick<IdempotencyStoreDeps, 'client' | 'tableName' | 'now'>;

/** One key, held by one call of `RunOnce`. */
interface Hold {
  readonly key: IdempotencyKey;
  readonly token: string;
  readonly untilMs: number;
}

/** DynamoDB reserves these words, so expressions name them indirectly. */
const NAMES = { '#state': 'state', '#token': 'token' };

/** `acquired_again`: another webhook with the same body was delivered under the key, on another day. */
type Acquired = 'acquired' | 'acquired_again' | 'duplicate' | 'in_progress';

/**
 * Holds the key if it is new, or if its hold or its retention is over, or if the hold is our own: then
 * the SDK repeats a call that took effect and whose response was lost. The key of a content hash is also
 * held if nothing that was delivered under it is the same webhook.
 */
async function acquire(table: Table, hold: Hold): Promise<Acquired> {
  const { client, tableName, now } = table;
  const { key: idempotencyKey, token, untilMs } = hold;
  const { key, kind } = idempotencyKey;
  const nowMs = now().getTime();
  const command = new PutItemCommand({
    TableName: tableName,
    Item: {
      id: { S: key },
      state: { S: 'in_progress' },
      token: { S: token },
      heldUntilMs: { N: String(untilMs) },
      expiresAtSeconds: { N: String(toExpirySeconds(nowMs, kind)) },
    },
    ConditionExpression: [
      'attribute_not_exists(id)',
      // a row with receivedAtMs says what was delivered, so it is not overwritten
      '(#state = :inProgress AND (#token = :token OR heldUntilMs < :nowMs) AND attribute_not_exists(receivedAtMs))',
      '(#state = :delivered AND expiresAtSeconds < :nowSeconds)',
    ].join(' OR '),
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':inProgress': { S: 'in_progress' },
      ':delivered': { S: 'delivered' },
      ':token': { S: token },
      ':nowMs': { N: String(nowMs) },
      ':nowSeconds': { N: String(nowMs / 1_000) },
    },
  });
  if (await isAccepted((abortSignal) => client.send(command, { abortSignal }))) return 'acquired';
  const read = new GetItemCommand({
    TableName: tableName,
    Key: { id: { S: key } },
    ConsistentRead: true,
  });
  const { Item } = await withDeadline(TABLE_DEADLINE_MS, (abortSignal) =>
    client.send(read, { abortSignal }),
  );
  const delivered = Item?.['receivedAtMs']?.NS;
  if (idempotencyKey.kind === 'delivery_by_hash' && delivered !== undefined) {
    return acquireAgain(table, hold, idempotencyKey.receivedAtMs, delivered);
  }
  return Item?.['state']?.S === 'delivered' ? 'duplicate' : 'in_progress';
}

/**
 * Holds the key of a content hash under which other webhooks were delivered, unless one of them is a
 * repetition of this one. Only if the row is still as it was read.
 */
async function acquireAgain(
  { client, tableName, now }: Table,
  { key: { key, kind }, token, untilMs }: Hold,
  receivedAtMs: number,
  delivered: readonly string[],
): Promise<Acquired> {
  const isRepetition = (time: string): boolean =>
    // a time that cannot be read is that of any of them
    !(Math.abs(Number(time) - receivedAtMs) > REPETITION_SECONDS * 1_000);
  if (delivered.some(isRepetition)) return 'duplicate';
  const nowMs = now().getTime();
  const old = delivered.toSorted((one, other) => Number(other) - Number(one)).slice(MAX_ENTRIES);
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key: { id: { S: key } },
    UpdateExpression:
      'SET #state = :inProgress, #token = :token, heldUntilMs = :heldUntilMs, expiresAtSeconds = :expiresAtSeconds'.concat(
        old.length > 0 ? ' DELETE receivedAtMs :old' : '',
      ),
    ConditionExpression:
      'receivedAtMs = :delivered AND (#state = :stateDelivered OR #token = :token OR heldUntilMs < :nowMs)',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':inProgress': { S: 'in_progress' },
      ':stateDelivered': { S: 'delivered' },
      ':token': { S: token },
      ':heldUntilMs': { N: String(untilMs) },
      ':expiresAtSeconds': { N: String(toExpirySeconds(nowMs, kind)) },
      ':delivered': { NS: [...delivered] },
      ':nowMs': { N: String(nowMs) },
      ...(old.length > 0 && { ':old': { NS: old } }),
    },
  });
  return (await isAccepted((abortSignal) => client.send(command, { abortSignal })))
    ? 'acquired_again'
    : 'in_progress';
}

/** Completes the key, whoever holds it now: the delivery was made, so the next one is a duplicate. */
async function complete({ client, tableName, now }: Table, { key }: Hold): Promise<void> {
  const nowMs = now().getTime();
  const isByHash = key.kind === 'delivery_by_hash' && Number.isFinite(key.receivedAtMs);
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key: { id: { S: key.key } },
    UpdateExpression:
      'SET #state = :delivered, expiresAtSeconds = :expiresAtSeconds REMOVE #token, heldUntilMs'.concat(
        isByHash ? ' ADD receivedAtMs :receivedAtMs' : '',
      ),
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':delivered': { S: 'delivered' },
      ':expiresAtSeconds': { N: String(toExpirySeconds(nowMs, key.kind)) },
      ...(isByHash && { ':receivedAtMs': { NS: [String(key.receivedAtMs)] } }),
    },
  });
  await withDeadline(TABLE_DEADLINE_MS, (abortSignal) => client.send(command, { abortSignal }));
}

/**
 * Releases the key if it is still ours. DynamoDB may carry out a call late, after its timeout; without
 * the condition that would remove a key that another call has acquired or completed in the meantime.
 * @param wasDelivered other webhooks were delivered under the key, which the row must go on saying
 */
async function release(
  { client, tableName }: Table,
  { key, token }: Hold,
  wasDelivered: boolean,
): Promise<void> {
  const ours = {
    TableName: tableName,
    Key: { id: { S: key.key } },
    ConditionExpression: '#token = :token',
  };
  const values = { ':token': { S: token } };
  // Not accepted: the key is no longer ours, or an earlier try of this call has released it.
  await isAccepted((abortSignal) =>
    wasDelivered
      ? client.send(
          new UpdateItemCommand({
            ...ours,
            UpdateExpression: 'SET #state = :delivered REMOVE #token, heldUntilMs',
            ExpressionAttributeNames: NAMES,
            ExpressionAttributeValues: { ...values, ':delivered': { S: 'delivered' } },
          }),
          { abortSignal },
        )
      : client.send(
          new DeleteItemCommand({
            ...ours,
            ExpressionAttributeNames: { '#token': 'token' },
            ExpressionAttributeValues: values,
          }),
          { abortSignal },
        ),
  );
}

/** Says whether a conditional write met its condition. Rejects when the call fails. */
async function isAccepted(write: (abortSignal: AbortSignal) => Promise<unknown>): Promise<boolean> {
  try {
    await withDeadline(TABLE_DEADLINE_MS, write);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function toExpirySeconds(nowMs: number, kind: KeyKind): number {
  return Math.floor(nowMs / 1_000) + RETENTION_SECONDS[kind];
}
