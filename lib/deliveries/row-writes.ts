import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Failure } from '../destinations/outcome.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { HeldRow, RowEnd } from './deliveries.ts';
import { ROW_SECONDS, type RowKey, type RowState } from './row.ts';

/** DynamoDB reserves these words, so expressions name them indirectly. */
const NAMES = { '#state': 'state', '#token': 'token' };

/** The states by their names in expressions. */
export const STATES = {
  inProgress: 'in_progress',
  waiting: 'waiting',
  delivered: 'delivered',
  dead: 'dead',
} as const satisfies { readonly [name: string]: RowState };

/** Where the rows are, and the clock. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly tableName: string;
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
}

/**
 * Creates the write that holds a row, when one of the conditions is met. It returns what the row said before.
 */
export function toTakeCommand(
  { tableName }: Table,
  { key, holder }: HeldRow,
  { now, conditions, values, webhookAtMs, forgotten }: Take,
): UpdateItemCommand {
  const heldUntil = new Date(now.getTime() + holder.remainingMs());
  return new UpdateItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression: [
      'SET #state = :inProgress, #token = :token, heldUntil = :heldUntil',
      ', tries = if_not_exists(tries, :none) + :one, expiresAtSeconds = :expiresAtSeconds',
      webhookAtMs === null ? '' : ', webhookAtMs = :webhookAtMs',
      ' REMOVE nextAt, reason',
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
      ':expiresAtSeconds': toExpiry(now),
      ...(webhookAtMs !== null && { ':webhookAtMs': { N: String(webhookAtMs) } }),
      ...(forgotten.length > 0 && { ':forgotten': { NS: [...forgotten] } }),
      ...values,
    },
    ReturnValues: 'ALL_OLD',
  });
}

/** Creates the write that ends a hold which nobody knows of, and takes its try back. */
export function toReleaseCommand(
  { tableName, now }: Table,
  { key, holder }: HeldRow,
): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName: tableName,
    Key: toItemKey(key),
    UpdateExpression:
      'SET #state = :waiting, nextAt = :now, tries = tries - :one REMOVE #token, heldUntil',
    ConditionExpression: '#token = :token',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':waiting': { S: STATES.waiting },
      ':token': { S: holder.token },
      ':now': { S: now().toISOString() },
      ':one': { N: '1' },
    },
  });
}

/**
 * Creates the write that ends a hold. `delivered` is written whoever holds the row now: the delivery was made, so the next one is a duplicate.
 * What did not deliver is written only under our token: DynamoDB may carry out a call late, after its
 * timeout, and without the condition that would end the hold, or hide the delivery, of another call.
 */
export function toFinishCommand(
  { tableName, now }: Table,
  row: HeldRow,
  end: RowEnd,
): UpdateItemCommand {
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

/** The key of a row, as DynamoDB takes it. */
export function toItemKey({ id, destination }: RowKey): { [name: string]: AttributeValue } {
  return { id: { S: id }, destination: { S: destination } };
}

function toExpiry(now: Date): AttributeValue {
  return { N: String(Math.floor(now.getTime() / 1_000) + ROW_SECONDS) };
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
