import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { PAUSED_DESTINATIONS_ID } from './row.ts';

/** A destination whose deliveries an operator has stopped. */
export interface PausedDestination {
  /** The id of the destination. */
  readonly id: string;
  /** When it was paused, RFC 3339. */
  readonly pausedAt: string;
  /** What the operator gave as the reason, or null. */
  readonly reason: string | null;
}

/**
 * Returns the paused destinations of a stage, one row of the deliveries table each. The rows have no time
 * to live: a pause ends only when an operator ends it. Rejects when the table cannot be read.
 */
export async function listPaused(
  client: DynamoDBClient,
  tableName: string,
): Promise<readonly PausedDestination[]> {
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': { S: PAUSED_DESTINATIONS_ID } },
      ConsistentRead: true,
    },
  );
  const paused: PausedDestination[] = [];
  for await (const { Items = [] } of pages) paused.push(...Items.map(toPaused));
  return paused;
}

/**
 * Stores that a destination is paused. One that is paused already keeps its time, and its reason unless
 * there is a new one.
 * @returns what is stored now
 */
export async function storePause(
  client: DynamoDBClient,
  tableName: string,
  { id, pausedAt, reason }: PausedDestination,
): Promise<PausedDestination> {
  const { Attributes = {} } = await client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: toKey(id),
      UpdateExpression: `SET pausedAt = if_not_exists(pausedAt, :pausedAt)${
        reason === null ? '' : ', reason = :reason'
      }`,
      ExpressionAttributeValues: {
        ':pausedAt': { S: pausedAt },
        ...(reason !== null && { ':reason': { S: reason } }),
      },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return toPaused(Attributes);
}

/** Removes the row of a paused destination. Does nothing when there is none. */
export async function removePause(
  client: DynamoDBClient,
  tableName: string,
  id: string,
): Promise<void> {
  await client.send(new DeleteItemCommand({ TableName: tableName, Key: toKey(id) }));
}

function toKey(destinationId: string): { [name: string]: AttributeValue } {
  return { id: { S: PAUSED_DESTINATIONS_ID }, destination: { S: destinationId } };
}

function toPaused(item: { readonly [name: string]: AttributeValue }): PausedDestination {
  return {
    id: item['destination']?.S ?? '',
    pausedAt: item['pausedAt']?.S ?? '',
    reason: item['reason']?.S ?? null,
  };
}
