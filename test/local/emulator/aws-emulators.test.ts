import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsEmulators, startAwsEmulators } from '../../../lib/local/emulator/aws-emulators.ts';
import { LOCAL_REGION, buildQueueUrl } from '../../../lib/local/emulator/local-addresses.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
let emulators: AwsEmulators;
let sqs: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  emulators = await startAwsEmulators();
  sqs = new SQSClient({ endpoint: emulators.sqsEndpoint, region: LOCAL_REGION, credentials });
  QueueUrl = buildQueueUrl(emulators.sqsEndpoint, 'letters');
  await sqs.send(new CreateQueueCommand({ QueueName: 'letters' }));
});

afterAll(async () => {
  await emulators.stop();
});

const stringAttribute = (value: string) => ({ DataType: 'String', StringValue: value });
const createAttributes = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`attribute-${n}`, stringAttribute('x')]),
  );

async function receiveOne(names: string[] = ['All']) {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MessageAttributeNames: names }),
  );
  return Messages?.[0];
}

describe('the SQS emulator rejects what AWS rejects', () => {
  const rejected: [string, Partial<SendMessageCommandInput>][] = [
    ['a delay over 900 seconds', { DelaySeconds: 901 }],
    ['a negative delay', { DelaySeconds: -1 }],
    ['an empty attribute value', { MessageAttributes: { kind: stringAttribute('') } }],
    ['more than 10 attributes', { MessageAttributes: createAttributes(11) }],
    ['a reserved attribute name', { MessageAttributes: { 'AWS.kind': stringAttribute('x') } }],
    ['an attribute name with a space', { MessageAttributes: { 'a kind': stringAttribute('x') } }],
    [
      'an unknown data type',
      { MessageAttributes: { kind: { DataType: 'Text', StringValue: 'x' } } },
    ],
    [
      'a Number attribute that is not a number',
      { MessageAttributes: { n: { DataType: 'Number', StringValue: 'x' } } },
    ],
    ['a group id with a space', { MessageGroupId: 'a group' }],
    ['a group id over 128 characters', { MessageGroupId: 'g'.repeat(129) }],
  ];
  test.each(rejected)('%s', async (_case, extra) => {
    const sending = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', ...extra }));
    await expect(sending).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test.each(['\u0000', '\uFFFE', '\uD800'])('the character %j', async (character) => {
    const sending = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `a${character}b` }));
    await expect(sending).rejects.toThrow(/characters/);
  });

  test('a batch of more than 10 entries, with equal ids, or with an id over 80 characters', async () => {
    const send = (ids: string[]) =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: ids.map((Id) => ({ Id, MessageBody: 'x' })),
        }),
      );
    await expect(send(Array.from({ length: 11 }, (_, n) => `${n}`))).rejects.toThrow(/10/);
    await expect(send(['a', 'a'])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
    await expect(send(['a'.repeat(81)])).rejects.toMatchObject({ name: 'InvalidBatchEntryId' });
  });

  test('a batch whose messages are together larger than 1 MiB', async () => {
    const send = (bytes: number) =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: buildQueueUrl(emulators.sqsEndpoint, 'large'),
          Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(bytes / 2) })),
        }),
      );
    await sqs.send(new CreateQueueCommand({ QueueName: 'large' }));
    await expect(send(1_048_578)).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
    await expect(send(1_048_576)).resolves.toMatchObject({ Successful: [{}, {}] });
  });

  test('a visibility timeout that ends more than 12 hours after the receive', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'held' }));
    const ReceiptHandle = (await receiveOne())?.ReceiptHandle ?? '';
    const hide = (VisibilityTimeout: number) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await expect(hide(43_200)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const { Failed } = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [{ Id: 'a', ReceiptHandle, VisibilityTimeout: 43_200 }],
      }),
    );
    expect(Failed).toEqual([expect.objectContaining({ Id: 'a', Code: 'InvalidParameterValue' })]);
    await expect(hide(-1)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(hide(1.5)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(hide(43_000)).resolves.toBeDefined();
  });
});

describe('messages', () => {
  beforeAll(async () => {
    await sqs.send(new CreateQueueCommand({ QueueName: 'fair-dead' }));
    await sqs.send(
      new CreateQueueCommand({
        QueueName: 'fair',
        Attributes: {
          VisibilityTimeout: '360',
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: `arn:aws:sqs:${LOCAL_REGION}:000000000000:fair-dead`,
            maxReceiveCount: 1_000,
          }),
        },
      }),
    );
  });
  const fairUrl = (): string => buildQueueUrl(emulators.sqsEndpoint, 'fair');
  const receive = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: fairUrl(),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages;
  };

  test('keep their group on a standard queue, sent alone or in a batch, with attributes or without', async () => {
    const withAttribute = { MessageAttributes: { kind: stringAttribute('x') } };
    await sqs.send(
      new SendMessageCommand({ QueueUrl: fairUrl(), MessageBody: 'alone', MessageGroupId: 'one' }),
    );
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: fairUrl(),
        Entries: [
          { Id: 'a', MessageBody: 'two', MessageGroupId: 'two' },
          { Id: 'b', MessageBody: 'also two', MessageGroupId: 'two', ...withAttribute },
          { Id: 'c', MessageBody: 'none' },
        ],
      }),
    );
    const received = await receive();
    expect(received.map((each) => [each.Body, each.Attributes?.MessageGroupId])).toEqual([
      ['alone', 'one'],
      ['two', 'two'],
      ['also two', 'two'],
      ['none', undefined],
    ]);
    for (const each of received) {
      await sqs.send(
        new DeleteMessageCommand({ QueueUrl: fairUrl(), ReceiptHandle: each.ReceiptHandle }),
      );
    }
  });

  test('that are hidden do not stop others of their group, and come back counted once more', async () => {
    const send = (MessageBody: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: fairUrl(), MessageBody, MessageGroupId: 'one' }));
    await send('hidden');
    const ReceiptHandle = (await receive())[0]?.ReceiptHandle ?? '';
    const { Successful } = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: fairUrl(),
        Entries: [{ Id: 'a', ReceiptHandle, VisibilityTimeout: 3_600 }],
      }),
    );
    expect(Successful).toEqual([{ Id: 'a' }]);
    await send('other');
    expect((await receive()).map(({ Body }) => Body)).toEqual(['other']);
    const hidden = emulators
      .listInFlight('fair')
      .find(({ visibleAtMs }) => visibleAtMs > Date.now() + 3_000_000);
    expect(hidden?.body).toBe('hidden');
    emulators.setVisibleAt('fair', { messageId: '', body: '', ...hidden, visibleAtMs: 1 }, 0);
    expect(await receive()).toEqual([]);
    if (hidden !== undefined) emulators.setVisibleAt('fair', hidden, Date.now());
    const again = await receive();
    expect(again.map((each) => [each.Body, each.Attributes?.ApproximateReceiveCount])).toEqual([
      ['hidden', '2'],
    ]);
  });

  test('move to the dead letters after 1,000 receives, not before', async () => {
    const url = fairUrl();
    const dead = buildQueueUrl(emulators.sqsEndpoint, 'fair-dead');
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'often' }));
    let count = 0;
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 0 }),
      );
      if (Messages.length === 0) break;
      count += 1;
    }
    expect(count).toBe(1_000);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead }));
    expect(Messages?.map(({ Body }) => Body)).toEqual(['often']);
  });
});

test('a batch with one rejected entry sends the others', async () => {
  const { Successful, Failed } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'good', MessageBody: 'of the batch' },
        { Id: 'late', MessageBody: 'x', DelaySeconds: 3_600 },
      ],
    }),
  );
  expect(Successful?.map((entry) => entry.Id)).toEqual(['good']);
  expect(Failed).toEqual([
    expect.objectContaining({ Id: 'late', Code: 'InvalidParameterValue', SenderFault: true }),
  ]);
  expect((await receiveOne())?.Body).toBe('of the batch');
});

test('characters above U+FFFF are accepted, as by AWS', async () => {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'Spring 🌷' }));
  expect((await receiveOne())?.Body).toBe('Spring 🌷');
});

test('message attributes are returned only when they are requested', async () => {
  const sending = {
    QueueUrl,
    MessageBody: 'x',
    MessageAttributes: { kind: stringAttribute('spring') },
  };
  await sqs.send(new SendMessageCommand(sending));
  expect(await receiveOne([])).not.toHaveProperty('MessageAttributes');
  await sqs.send(new SendMessageCommand(sending));
  expect((await receiveOne())?.MessageAttributes).toMatchObject({
    kind: { StringValue: 'spring' },
  });
});

test('SNS listens on the port of SQS, and DynamoDB on its own', async () => {
  const sns = new SNSClient({ endpoint: emulators.sqsEndpoint, region: LOCAL_REGION, credentials });
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  expect(TopicArn).toBe(`arn:aws:sns:${LOCAL_REGION}:000000000000:news`);

  const endpoint = emulators.dynamoEndpoint;
  const dynamo = new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials });
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'deliveries',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const put = new PutItemCommand({
    TableName: 'deliveries',
    Item: { id: { S: 'a' } },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  await dynamo.send(put);
  await expect(dynamo.send(put)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
});

test('a conditional update is refused, and returns what the row was when it is made', async () => {
  const endpoint = emulators.dynamoEndpoint;
  const dynamo = new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials });
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'rows',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const setState = (state: string, before: string) =>
    dynamo.send(
      new UpdateItemCommand({
        TableName: 'rows',
        Key: { id: { S: 'a' } },
        UpdateExpression: 'SET #state = :state ADD tries :one',
        ConditionExpression: 'attribute_not_exists(id) OR #state = :before',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':state': { S: state },
          ':before': { S: before },
          ':one': { N: '1' },
        },
        ReturnValues: 'ALL_OLD',
      }),
    );
  expect((await setState('waiting', '')).Attributes).toBeUndefined();
  expect((await setState('in_progress', 'waiting')).Attributes).toEqual({
    id: { S: 'a' },
    state: { S: 'waiting' },
    tries: { N: '1' },
  });
  await expect(setState('dead', 'waiting')).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
});

test('a condition that was parsed before is judged by the values of its own request', async () => {
  const endpoint = emulators.dynamoEndpoint;
  const dynamo = new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials });
  const write = (id: string, state: string, before: string, at: string) =>
    dynamo.send(
      new UpdateItemCommand({
        TableName: 'rows',
        Key: { id: { S: id } },
        UpdateExpression: 'SET #state = :state',
        ConditionExpression:
          'attribute_not_exists(id) OR (attribute_not_exists(gone) AND (#state = :before OR heldUntil < :at))',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':state': { S: state },
          ':before': { S: before },
          ':at': { S: at },
        },
      }),
    );
  await write('b', 'one', 'none', '0');
  await write('b', 'two', 'one', '0');
  await expect(write('b', 'three', 'one', '0')).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
  await write('b', 'three', 'two', '0');
  await write('c', 'one', 'none', '0');
  await expect(write('c', 'two', 'none', '0')).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
});

test('stopping does not wait for a client that keeps its connection open, and can be repeated', async () => {
  const own = await startAwsEmulators();
  const client = new SQSClient({ endpoint: own.sqsEndpoint, region: LOCAL_REGION, credentials });
  await client.send(new CreateQueueCommand({ QueueName: 'q' }));
  const polling = client
    .send(
      new ReceiveMessageCommand({
        QueueUrl: buildQueueUrl(own.sqsEndpoint, 'q'),
        WaitTimeSeconds: 20,
      }),
    )
    .catch(() => 'cut off');
  await own.stop();
  await own.stop();
  await polling;
  await expect(fetch(own.sqsEndpoint)).rejects.toThrow('fetch failed');
  await expect(fetch(own.dynamoEndpoint)).rejects.toThrow('fetch failed');
});
