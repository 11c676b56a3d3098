import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsEmulators } from './aws-emulators.ts';
import type { Stack } from './stack.ts';

/** The credentials for the emulators, which accept any credentials. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** Creates every queue, topic, subscription and table that serverless.yml declares, in the emulators. */
export async function createResources(stack: Stack, emulators: AwsEmulators): Promise<void> {
  const common = { region: stack.region, credentials: LOCAL_CREDENTIALS };
  const sqs = new SQSClient({ ...common, endpoint: emulators.sqsEndpoint });
  const sns = new SNSClient({ ...common, endpoint: emulators.sqsEndpoint });
  const dynamo = new DynamoDBClient({ ...common, endpoint: emulators.dynamoEndpoint });
  try {
    for (const { name, attributes } of stack.queues) {
      await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    }
    for (const { name } of stack.topics) await sns.send(new CreateTopicCommand({ Name: name }));
    for (const { topicArn, queueArn, attributes } of stack.subscriptions) {
      await sns.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: 'sqs',
          Endpoint: queueArn,
          Attributes: attributes,
        }),
      );
    }
    for (const { name, definition } of stack.tables) {
      await dynamo.send(
        new CreateTableCommand({ ...definition, TableName: name, BillingMode: 'PAY_PER_REQUEST' }),
      );
      const describe = new DescribeTableCommand({ TableName: name });
      // a table is created in the background, and calls fail until it is ACTIVE
      while ((await dynamo.send(describe)).Table?.TableStatus !== 'ACTIVE');
    }
  } finally {
    for (const client of [sqs, sns, dynamo]) client.destroy();
  }
}
