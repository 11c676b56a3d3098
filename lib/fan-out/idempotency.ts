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
import { isContentHashId } from '../record/record-id.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DeliveryResult } from './delivery.ts';

/** What makes a delivery unique. An operator can read `key` in the table; `kind` says how long it is kept. */
export interface IdempotencyKey {
  readonly kind: KeyKind;
  readonly key: string;
}
export type KeyKind = 'delivery' | 'delivery_by_hash' | 'business';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * How long a completed key makes a delivery a duplicate, from its delivery on. For the id of an
 * envelope: longer than the sender's retries, than a manual resend (14 days, vendor facts, section 1)
 * and than anything waits in quarantine or as a dead letter. For an id that is only a hash of the body:
 * as long as the sender retries (24 hours) and little longer, since the same body may be meant again
 * another day.
 */
export const RETENTION_SECONDS: { readonly [Kind in KeyKind]: number } = {
  delivery: 15 * DAY_SECONDS,
  delivery_by_hash: 26 * HOUR_SECONDS,
  business: 15 * DAY_SECONDS,
};

/** The key of the delivery of one record to one destination: the same for every attempt. */
export function toDeliveryKey(recordId: string, destination: string): IdempotencyKey {
  const kind = isContentHashId(recordId) ? 'delivery_by_hash' : 'delivery';
  return { kind, key: `delivery#${destination}#${recordId}` };
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
 */
export function createIdempotencyStore(deps: IdempotencyStoreDeps): IdempotencyStore {
  const { telemetry, now, createToken } = deps;
  return (invocation) => async (key, run) => {
    const hold: Hold = {
      key,
      token: createToken(),
      untilMs: now().getTime() + invocation.getRemainingTimeInMillis(),
    };
    try {
      const conflict = await acquire(deps, hold);
      if (conflict !== null) return { kind: conflict };
    } catch (error) {
      // Nothing is sent without a key: a late delivery is still a delivery, a second one cannot be undone.
      return { kind: 'idempotency_unavailable', cause: errorName(error) };
    }

    /** A failed write changes no result. A key that stays held is free when the invocation's time is over. */
    const finish = async (outcome: string, write: () => Promise<void>): Promise<void> => {
      try {
        await write();
      } catch (error) {
        const code = 'idempotency_write_failed';
        telemetry.error({ code, id: key.key, outcome, cause: errorName(error) });
      }
    };
    let result: DeliveryResult;
    try {
      result = await run();
    } catch (error) {
      await finish('error', () => release(deps, hold));
      throw error;
    }
    const isComplete = result.kind === 'delivered' || result.kind === 'duplicate';
    await finish(result.kind, () => (isComplete ? complete : release)(deps, hold));
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

/**
 * Holds the key if it is new, or if its hold or its retention is over, or if the hold is our own: then
 * the SDK repeats a call that took effect and whose response was lost.
 * @returns null when the key is ours, else why it is not
 */
async function acquire(
  { client, tableName, now }: Table,
  { key: { key, kind }, token, untilMs }: Hold,
): Promise<'duplicate' | 'in_progress' | null> {
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
      '(#state = :inProgress AND (#token = :token OR heldUntilMs < :nowMs))',
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
  if (await isAccepted(client.send(command))) return null;
  const { Item } = await client.send(
    new GetItemCommand({ TableName: tableName, Key: { id: { S: key } }, ConsistentRead: true }),
  );
  return Item?.['state']?.S === 'delivered' ? 'duplicate' : 'in_progress';
}

/** Completes the key, whoever holds it now: the delivery was made, so the next one is a duplicate. */
async function complete({ client, tableName, now }: Table, { key }: Hold): Promise<void> {
  const expiresAtSeconds = toExpirySeconds(now().getTime(), key.kind);
  await client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: { id: { S: key.key } },
      UpdateExpression:
        'SET #state = :delivered, expiresAtSeconds = :expiresAtSeconds REMOVE #token, heldUntilMs',
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: {
        ':delivered': { S: 'delivered' },
        ':expiresAtSeconds': { N: String(expiresAtSeconds) },
      },
    }),
  );
}

/**
 * Releases the key if it is still ours. DynamoDB may carry out a call late, after its timeout; without
 * the condition that would remove a key that another call has acquired or completed in the meantime.
 */
async function release({ client, tableName }: Table, { key, token }: Hold): Promise<void> {
  const command = new DeleteItemCommand({
    TableName: tableName,
    Key: { id: { S: key.key } },
    ConditionExpression: '#token = :token',
    ExpressionAttributeNames: { '#token': 'token' },
    ExpressionAttributeValues: { ':token': { S: token } },
  });
  // Not accepted: the key is no longer ours, or an earlier try of this call has released it.
  await isAccepted(client.send(command));
}

/** Says whether a conditional write met its condition. Rejects when the call fails. */
async function isAccepted(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function toExpirySeconds(nowMs: number, kind: KeyKind): number {
  return Math.floor(nowMs / 1_000) + RETENTION_SECONDS[kind];
}
