import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient } from '../../../lib/platform/dynamodb.ts';
import { createSqsClient, createSender } from '../../../lib/platform/sqs.ts';
import type { MessageEvent } from '../webhooks.ts';

const send = createSender(createSqsClient(), process.env['RETRIES_QUEUE_URL'] ?? '');
const dynamoDb = createDynamoDbClient();

/** The floor of fanOut: one call of each client, as they are bundled and configured here, and nothing of ours. */
export async function handler({ message }: MessageEvent): Promise<{ batchItemFailures: never[] }> {
  await Promise.all([
    send(message),
    dynamoDb.send(
      new PutItemCommand({
        TableName: process.env['IDEMPOTENCY_TABLE'],
        Item: { id: { S: 'bench' } },
      }),
    ),
  ]);
  return { batchItemFailures: [] };
}
