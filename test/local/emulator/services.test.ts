import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildQueueUrl } from '../../../lib/local/emulator/local-addresses.ts';
import { readQueueContents, readQueueCounts } from '../../../lib/local/emulator/queue-contents.ts';
import { type Services, startServices } from '../../../lib/local/emulator/services.ts';
import { describeStack } from '../../../lib/local/emulator/stack.ts';
import { fixtureConfiguration } from '../support/configuration.ts';

const configuration = fixtureConfiguration();
Object.assign(configuration.resources.Resources, {
  News: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
  NewsToOutbox: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      Protocol: 'sqs',
      TopicArn: { Ref: 'News' },
      Endpoint: { 'Fn::GetAtt': ['Outbox', 'Arn'] },
      RawMessageDelivery: true,
    },
  },
});
const stack = describeStack(configuration);
const common = { region: stack.region, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
let services: Services;
let sqs: SQSClient;

beforeAll(async () => {
  services = await startServices(stack, () => {});
  sqs = new SQSClient({ ...common, endpoint: services.endpoints.sqsEndpoint });
});

afterAll(async () => {
  await services.stop();
});

const toUrl = (name: string): string => buildQueueUrl(services.endpoints.sqsEndpoint, name);
const send = (name: string, MessageBody: string, DelaySeconds = 0): Promise<unknown> =>
  sqs.send(new SendMessageCommand({ QueueUrl: toUrl(name), MessageBody, DelaySeconds }));

test('every declared queue exists, with its attributes of serverless.yml', async () => {
  for (const { name, arn, attributes } of stack.queues) {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: toUrl(name), AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({ ...attributes, QueueArn: arn });
  }
});

test('every declared table exists, with its keys', async () => {
  const dynamo = new DynamoDBClient({ ...common, endpoint: services.endpoints.dynamoEndpoint });
  const TableName = 'letters-local-idempotency';
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
});

test('every declared topic exists, and publishes to its subscribed queues', async () => {
  const sns = new SNSClient({ ...common, endpoint: services.endpoints.sqsEndpoint });
  const [topic] = stack.topics;
  await sns.send(new PublishCommand({ TopicArn: topic?.arn, Message: 'news' }));
  const { ready } = await readQueueContents(
    services.endpoints.sqsEndpoint,
    'letters-local-outbox',
    Date.now(),
  );
  expect(ready.map(({ body }) => body)).toEqual(['news']);
});

test('reading the contents of a queue changes nothing, and includes delayed and in-flight messages', async () => {
  const name = 'letters-local-inbox';
  await send(name, 'taken');
  const receive = new ReceiveMessageCommand({ QueueUrl: toUrl(name), VisibilityTimeout: 60 });
  await sqs.send(receive);
  await send(name, 'ready');
  await send(name, 'later', 60);
  const bodies = async (atMs: number) => {
    const contents = await readQueueContents(services.endpoints.sqsEndpoint, name, atMs);
    const { ready, delayed, inFlight } = contents;
    return [ready, delayed, inFlight].map((messages) => messages.map(({ body }) => body));
  };
  const now = Date.now();
  expect(await bodies(now)).toEqual([['ready'], ['later'], ['taken']]);
  expect(await bodies(now)).toEqual([['ready'], ['later'], ['taken']]);
  expect(await bodies(now + 120_000)).toEqual([['ready', 'later', 'taken'], [], []]);
  expect((await readQueueCounts(services.endpoints.sqsEndpoint)).get(name)).toBe(3);
});
