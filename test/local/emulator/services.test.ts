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
const subscribeFiltered = (queue: string, filter: object): object => ({
  Type: 'AWS::SNS::Subscription',
  Properties: {
    Protocol: 'sqs',
    TopicArn: { Ref: 'Filtered' },
    Endpoint: { 'Fn::GetAtt': [queue, 'Arn'] },
    RawMessageDelivery: true,
    ...filter,
  },
});
Object.assign(configuration.resources.Resources, {
  Filtered: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'filtered' } },
  Codes: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'codes' } },
  Spring: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'spring' } },
  ToCodes: subscribeFiltered('Codes', { FilterPolicy: { purpose: ['code'] } }),
  ToSpring: subscribeFiltered('Spring', {
    FilterPolicy: { campaign: { name: ['Spring'] } },
    FilterPolicyScope: 'MessageBody',
  }),
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
  const TableName = 'letters-local-deliveries';
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
});

test('every declared topic exists, and publishes to its subscribed queues', async () => {
  const sns = new SNSClient({ ...common, endpoint: services.endpoints.sqsEndpoint });
  const topic = stack.topics.find(({ name }) => name === 'news');
  await sns.send(new PublishCommand({ TopicArn: topic?.arn, Message: 'news' }));
  const { ready } = await readQueueContents(
    services.endpoints.sqsEndpoint,
    'letters-local-outbox',
    Date.now(),
  );
  expect(ready.map(({ body }) => body)).toEqual(['news']);
});

test('a subscription with a filter policy gets only the messages that match', async () => {
  const sns = new SNSClient({ ...common, endpoint: services.endpoints.sqsEndpoint });
  const topic = stack.topics.find(({ name }) => name === 'filtered');
  const publish = (purpose: string, campaign: string): Promise<unknown> =>
    sns.send(
      new PublishCommand({
        TopicArn: topic?.arn,
        Message: JSON.stringify({ purpose, campaign: { name: campaign } }),
        MessageAttributes: { purpose: { DataType: 'String', StringValue: purpose } },
      }),
    );
  await publish('code', 'Autumn');
  await publish('promotion', 'Spring');
  await publish('promotion', 'Autumn');
  const readBodies = async (name: string): Promise<string[]> => {
    const { ready } = await readQueueContents(services.endpoints.sqsEndpoint, name, Date.now());
    return ready.map(({ body }) => body);
  };
  expect(await readBodies('codes')).toEqual(['{"purpose":"code","campaign":{"name":"Autumn"}}']);
  expect(await readBodies('spring')).toEqual([
    '{"purpose":"promotion","campaign":{"name":"Spring"}}',
  ]);
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
