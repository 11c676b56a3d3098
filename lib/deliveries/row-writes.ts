import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Failure } from '../destinations/outcome.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { GivenUp, HeldRow, RowEnd, Webhook } from './deliveries.ts';
import { type RowKey, type RowState, toExpirySeconds, toShard } from './row.ts';

/** DynamoDB reserves these words, so expressions name them indirectly. */
const NAMES = { '#state': 'state', '#token': 'token' };

/** The states by their names in expressions. */
export const STATES = {
  inProgress: 'in_progress',
  waiting: 'waiting',
  delivered: 'delivered',
  dead: 'dead',
  erased: 'erased',
} as const satisfies { readonly [name: string]: RowState };

/** Where the rows are, how long they are kept, and the clock. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** How many days a row is kept after it was written last. */
  readonly historyDays: number;
  readonly now: () => Date;
}
/** The values of an expression. */
export type Values = { readonly [name: string]: AttributeValue };

/** The attributes of a row. */
export type Item = { readonly [name: string]: AttributeValue };

/** What taking a row asks for. */
export interface Take {
  readonly now: Date;
  /** One of them must hold. */
  readonly conditions: readonly string[];
  readonly values: Values;
  /** When the webhook was received (Unix time), for a row that several webhooks can have; else null. */
  readonly webhookAtMs: number | null;
  /** Entries of `receivedAtMs` to remove. */
  readonly forgotten: readonly string[];
  /** What the row says of its webhook; null in the row of a business key. */
  readonly webhook: Webhook | null;
}

/**
 * Creates the write that holds a row, when one of the conditions is met. It returns what the row said before.
 */
export function toTakeCommand(
  table: Table,
  { key, holder }: HeldRow,
  { now, conditions, values, webhookAtMs, forgotten, webhook }: Take,
): UpdateItemCommand {
  const heldUntil = new Date(now.getTime() + holder.remainingMs());
  return new UpdateItemCommand({
    TableName: table.tableName,
    Key: toItemKey(key),
    UpdateExpression: [
      'SET #state = :inProgress, #token = :token, heldUntil = :heldUntil',
      ', tries = if_not_exists(tries, :none) + :one, expiresAtSeconds = :expiresAtSeconds',
      webhookAtMs === null ? '' : ', webhookAtMs = :webhookAtMs',
      webhook === null ? '' : `, ${toWebhookUpdate(webhook)}`,
      ' REMOVE nextAt, reason, stateShard',
      forgotten.length > 0 ? ' DELETE receivedAtMs :forgotten' : '',
    ].join(''),
    ConditionExpression: conditions.join(' OR '),
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':inProgress': { S: STATES.inProgress },
      ':token': { S: holder.token },
      ':heldUntil': { S: heldUntil.toISOString() },
      ':now': { S: now.toISOString() },
      ':none': { N: '0' },
      ':one': { N: '1' },
      ':expiresAtSeconds': toExpiry(table, now),
      ...(webhookAtMs !== null && { ':webhookAtMs': { N: String(webhookAtMs) } }),
      ...(webhook !== null && toWebhookValues(webhook)),
      ...(forgotten.length > 0 && { ':forgotten': { NS: [...forgotten] } }),
      ...values,
    },
    ReturnValues: 'ALL_OLD',
  });
}

/** What a row says of its webhook, in an update and as its values. */
function toWebhookUpdate({ codeExpiresAt }: Webhook): string {
  const expiry = codeExpiresAt === null ? '' : ', codeExpiresAt = :codeExpiresAt';
  return `event = :event, webhookAt = :webhookAt${expiry}`;
}

function toWebhookValues({ event, receivedAt, codeExpiresAt }: Webhook): Values {
  return {
    ':event': { S: event },
    ':webhookAt': { S: receivedAt },
    ...(codeExpiresAt !== null && { ':codeExpiresAt': { S: codeExpiresAt } }),
  };
}

/**
 * Creates the write that ends a hold which nobody knows of, and takes its try back. `lastAt` stays where there
 * is one: it says when the delivery ended last.
 */
export function toFreeCommand(
  { tableName, now }: Table,
  { key, holder }: HeldRow,
): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression: [
      'SET #state = :waiting, nextAt = :now, tries = tries - :one',
      ', lastAt = if_not_exists(lastAt, :now)',
      key.isBusinessKey ? '' : ', stateShard = :stateShard',
      ' REMOVE #token, heldUntil',
    ].join(''),
    ConditionExpression: '#token = :token',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':waiting': { S: STATES.waiting },
      ':token': { S: holder.token },
      ':now': { S: now().toISOString() },
      ':one': { N: '1' },
      ...(!key.isBusinessKey && { ':stateShard': { S: toShard(key, STATES.waiting) } }),
    },
  });
}

/**
 * Creates the write that lets a delivered row pass once more, unless its code has expired. A release that is not
 * used up yet stays as it is.
 */
export function toReleaseCommand(
  { tableName, now }: Pick<Table, 'tableName' | 'now'>,
  key: Pick<RowKey, 'id' | 'destination'>,
): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression:
      'SET releasedAt = if_not_exists(releasedAt, :now), lastReleasedAt = if_not_exists(releasedAt, :now)',
    ConditionExpression:
      '#state = :delivered AND (attribute_not_exists(codeExpiresAt) OR codeExpiresAt > :now)',
    ExpressionAttributeNames: { '#state': NAMES['#state'] },
    ExpressionAttributeValues: {
      ':delivered': { S: STATES.delivered },
      ':now': { S: now().toISOString() },
    },
  });
}

/**
 * Creates the write that erases a delivery, whatever its state; one that has no row yet gets one. It returns
 * what the row said before.
 */
export function toEraseCommand(
  table: Pick<Table, 'tableName' | 'historyDays' | 'now'>,
  key: Pick<RowKey, 'id' | 'destination'>,
  webhook: { readonly event: string; readonly webhookAt: string },
): UpdateItemCommand {
  const at = table.now();
  return new UpdateItemCommand({
    TableName: table.tableName,
    Key: toItemKey(key),
    UpdateExpression: [
      'SET #state = :erased, erasedAt = :at, lastAt = :at, expiresAtSeconds = :expiresAtSeconds',
      ', event = if_not_exists(event, :event), webhookAt = if_not_exists(webhookAt, :webhookAt)',
      // without its token, its holder can no longer write how an attempt ended
      ' REMOVE #token, heldUntil, nextAt, tries, reason, lastFailure, stateShard, webhookAtMs, receivedAtMs',
      ', codeExpiresAt, releasedAt, lastReleasedAt',
    ].join(''),
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':erased': { S: STATES.erased },
      ':at': { S: at.toISOString() },
      ':event': { S: webhook.event },
      ':webhookAt': { S: webhook.webhookAt },
      ':expiresAtSeconds': toExpiry(table, at),
    },
    ReturnValues: 'ALL_OLD',
  });
}

/** Creates the write that gives up a delivery which nobody holds. */
export function toGiveUpCommand(
  table: Table,
  key: RowKey,
  { reason, lastFailure }: GivenUp,
  webhook: Webhook,
): UpdateItemCommand {
  const at = table.now();
  return new UpdateItemCommand({
    TableName: table.tableName,
    Key: toItemKey(key),
    UpdateExpression: [
      'SET #state = :dead, reason = :reason, lastFailure = :lastFailure, lastAt = :at',
      ', firstAt = if_not_exists(firstAt, :at), attempts = if_not_exists(attempts, :none)',
      `, ${toWebhookUpdate(webhook)}, stateShard = :stateShard, expiresAtSeconds = :expiresAtSeconds`,
      ' REMOVE #token, heldUntil, nextAt, tries',
    ].join(''),
    ConditionExpression:
      'attribute_not_exists(id) OR #state IN (:waiting, :dead) OR (#state = :inProgress AND heldUntil <= :at)',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':dead': { S: STATES.dead },
      ':waiting': { S: STATES.waiting },
      ':inProgress': { S: STATES.inProgress },
      ':reason': { S: reason },
      ':lastFailure': toFailureMap(lastFailure),
      ':at': { S: at.toISOString() },
      ':none': { N: '0' },
      ...toWebhookValues(webhook),
      ':stateShard': { S: toShard(key, STATES.dead) },
      ':expiresAtSeconds': toExpiry(table, at),
    },
  });
}

/**
 * Creates the write that ends a hold. `delivered` is written whoever holds the row now: the delivery was made,
 * so the next one is a duplicate, and a release of it is used up. Only a row that was erased stays as it is.
 * What did not deliver is written only under our token: DynamoDB may carry out a call late, after its
 * timeout, and without the condition that would end the hold, or hide the delivery, of another call.
 */
export function toFinishCommand(table: Table, row: HeldRow, end: RowEnd): UpdateItemCommand {
  const { key, holder } = row;
  const at = table.now();
  const set: Record<string, AttributeValue> = {
    lastAt: { S: at.toISOString() },
    firstAt: { S: end.firstAt.toISOString() },
    attempts: { N: String(end.attempts) },
    expiresAtSeconds: toExpiry(table, at),
  };
  const isDelivered = end.state === 'delivered';
  if (isDelivered) set['deliveredAt'] = { S: at.toISOString() };
  else set['lastFailure'] = toFailureMap(end.lastFailure);
  if (end.state === 'waiting') {
    set['nextAt'] = { S: end.nextAt };
    set['tries'] = { N: String(end.unfinishedTries) };
  }
  if (end.state === 'dead') set['reason'] = { S: end.reason };
  // a business key is no delivery
  if (end.state !== 'delivered' && !key.isBusinessKey) {
    set['stateShard'] = { S: toShard(key, end.state) };
  }
  const isByHash = isDelivered && key.receivedAtMs !== null && Number.isFinite(key.receivedAtMs);

  const input: UpdateItemCommandInput = {
    TableName: table.tableName,
    Key: toItemKey(key),
    UpdateExpression: `SET #state = :state, ${Object.keys(set)
      .map((name) => `${name} = :${name}`)
      .join(
        ', ',
      )} REMOVE ${isDelivered ? 'lastFailure, stateShard, releasedAt, ' : ''}${end.state === 'waiting' ? '' : 'tries, '}#token, heldUntil`.concat(
      isByHash ? ' ADD receivedAtMs :receivedAtMs' : '',
    ),
    ConditionExpression: isDelivered
      ? 'attribute_not_exists(#state) OR #state <> :erased'
      : '#token = :token',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':state': { S: end.state },
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
      ...(isDelivered ? { ':erased': { S: STATES.erased } } : { ':token': { S: holder.token } }),
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

/** The key of a row, as DynamoDB takes it. */
export function toItemKey({ id, destination }: Pick<RowKey, 'id' | 'destination'>): {
  [name: string]: AttributeValue;
} {
  return { id: { S: id }, destination: { S: destination } };
}

function toExpiry({ historyDays }: Pick<Table, 'historyDays'>, now: Date): AttributeValue {
  return { N: String(toExpirySeconds(now, historyDays)) };
}

/**
 * Carries out a conditional write. Rejects when the call fails.
 * @returns the row before it, where the command asks for that; null when its condition was not met
 */
export async function writeIfAllowed(
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
