import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient } from '../../../lib/platform/dynamodb.ts';
import { createSqsClient, createSender } from '../../../lib/platform/sqs.ts';
import type { MessageEvent } from '../webhooks.ts';

const send = createSender(createSqsClient(), process.env['RETRIES_QUEUE_URL'] ?? '');
const dynamoDb = createDynamoDbClient();
const TableName = process.env['DELIVERIES_TABLE'];
/** One for each destination of functions/destinations.ts. */
const IDS = [{ S: 'consumers' }, { S: 'http' }];

/**
 * The floor of fanOut: the calls that it makes for one record (two keys taken, one message sent, two
 * keys completed) by the clients, as they are bundled and configured here, and nothing of ours.
 */
export async function handler({ message }: MessageEvent): Promise<{ batchItemFailures: never[] }> {
  await Promise.all(
    IDS.map((id) => dynamoDb.send(new PutItemCommand({ TableName, Item: { id } }))),
  );
  await send(message);
  await Promise.all(
    IDS.map((id) =>
      dynamoDb.send(
        new UpdateItemCommand({
          TableName,
          Key: { id },
          UpdateExpression: 'SET #state = :state',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':state': { S: 'completed' } },
        }),
      ),
    ),
  );
  return { batchItemFailures: [] };
}
