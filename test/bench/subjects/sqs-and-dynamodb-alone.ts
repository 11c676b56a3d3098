import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient } from '../../../lib/platform/dynamodb.ts';
import { createSqsClient, createSender } from '../../../lib/platform/sqs.ts';
import type { MessageEvent } from '../webhooks.ts';

const send = createSender(createSqsClient(), process.env['RETRIES_QUEUE_URL'] ?? '');
const dynamoDb = createDynamoDbClient();
const TableName = process.env['DELIVERIES_TABLE'];
/** One for each destination of functions/destinations.ts. */
const KEYS = [
  { id: { S: 'record' }, destination: { S: 'consumers' } },
  { id: { S: 'record' }, destination: { S: 'http' } },
];

/**
 * The floor of fanOut: the calls that it makes for one record (two rows taken, one message sent, two
 * rows finished) by the clients, as they are bundled and configured here, and nothing of ours.
 */
export async function handler({ message }: MessageEvent): Promise<{ batchItemFailures: never[] }> {
  await setStates('in_progress');
  await send(message);
  await setStates('delivered');
  return { batchItemFailures: [] };
}

async function setStates(state: string): Promise<void> {
  await Promise.all(
    KEYS.map((Key) =>
      dynamoDb.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET #state = :state',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':state': { S: state } },
        }),
      ),
    ),
  );
}
