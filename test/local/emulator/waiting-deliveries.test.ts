import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { toDeliveryKey } from '../../../lib/deliveries/row.ts';
import { buildQueueUrl } from '../../../lib/local/emulator/local-addresses.ts';
import { readQueueContents } from '../../../lib/local/emulator/queue-contents.ts';
import { type Services, startServices } from '../../../lib/local/emulator/services.ts';
import { describeStack } from '../../../lib/local/emulator/stack.ts';
import {
  createWaitingDeliveries,
  type WaitingDeliveries,
} from '../../../lib/local/emulator/waiting-deliveries.ts';

const HOUR_MS = 3_600_000;
const PREFIX = 'relay-local-to-';

const stack = describeStack({
  service: 'relay',
  provider: { stage: 'local', region: 'eu-west-1' },
  functions: {
    fanOut: {
      handler: 'functions/fan-out.handler',
      environment: { DESTINATION_QUEUES_URL: `http://127.0.0.1/000000000000/${PREFIX}` },
    },
  },
  resources: {
    Resources: {
      ToCrmQueue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `${PREFIX}crm` } },
      ToMailQueue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `${PREFIX}mail` } },
      RecordsQueue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'relay-local-records' } },
      DeliveriesTable: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'relay-local-deliveries',
          AttributeDefinitions: [
            { AttributeName: 'id', AttributeType: 'S' },
            { AttributeName: 'destination', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'destination', KeyType: 'RANGE' },
          ],
        },
      },
    },
  },
});

let services: Services;
let sqs: SQSClient;
let dynamo: DynamoDBClient;
let waitingDeliveries: WaitingDeliveries;
let processedIds: string[] = [];
let nowMs = 0;
let count = 0;
let recordId = '';

beforeAll(async () => {
  services = await startServices(stack, () => {});
  const common = { region: stack.region, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  sqs = new SQSClient({ ...common, endpoint: services.endpoints.sqsEndpoint });
  dynamo = new DynamoDBClient({ ...common, endpoint: services.endpoints.dynamoEndpoint });
  waitingDeliveries = createWaitingDeliveries({
    stack,
    services,
    isBeingProcessed: (messageId) => processedIds.includes(messageId),
    now: () => nowMs,
  });
});

beforeEach(() => {
  count += 1;
  recordId = `whs_${count}`;
  nowMs = Date.now();
  processedIds = [];
});

afterAll(async () => {
  waitingDeliveries.disconnect();
  await services.stop();
});

const toUrl = (name: string): string => buildQueueUrl(services.endpoints.sqsEndpoint, name);
const toTime = (ms: number): string => new Date(ms).toISOString();

/** Puts a delivery on its queue and hides it there for an hour; returns the id of its message. */
async function hide(destination: string, isTest = false): Promise<string> {
  const data = { receivedAt: '2026-03-05T09:15:00.000Z', test: isTest };
  const record = { id: recordId, data };
  const QueueUrl = toUrl(PREFIX + destination);
  await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ destination, record }) }),
  );
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: HOUR_MS / 1_000 }),
  );
  return Messages?.[0]?.MessageId ?? '';
}

async function writeRow(destination: string, state: string, nextAtMs: number, id = recordId) {
  await dynamo.send(
    new PutItemCommand({
      TableName: 'relay-local-deliveries',
      Item: {
        id: { S: id },
        destination: { S: destination },
        state: { S: state },
        ...(state === 'waiting' && { nextAt: { S: toTime(nextAtMs) } }),
        attempts: { N: '3' },
      },
    }),
  );
}

async function readRow(destination: string, id = recordId) {
  const Key = { id: { S: id }, destination: { S: destination } };
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName: 'relay-local-deliveries', Key }),
  );
  return Item;
}

async function receive(destination: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: toUrl(PREFIX + destination), MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ MessageId }) => MessageId ?? '');
}

test('an attempt now makes the row due and the message visible, in the queue of every destination', async () => {
  const crm = await hide('crm');
  const mail = await hide('mail');
  await writeRow('crm', 'waiting', nowMs + HOUR_MS);
  await writeRow('mail', 'waiting', nowMs + HOUR_MS);
  expect(await waitingDeliveries.attemptNow()).toBe(2);
  expect((await readRow('crm'))?.['nextAt']?.S).toBe(toTime(nowMs));
  expect(await readRow('mail')).toMatchObject({
    nextAt: { S: toTime(nowMs) },
    state: { S: 'waiting' },
    attempts: { N: '3' },
  });
  expect([await receive('crm'), await receive('mail')]).toEqual([[crm], [mail]]);
});

test('the row of a test webhook is found, whose key has more than the id', async () => {
  await hide('crm', true);
  const data = { receivedAt: '2026-03-05T09:15:00.000Z', test: true };
  const { id } = toDeliveryKey({ id: recordId, data }, 'crm');
  expect(id).not.toBe(recordId);
  await writeRow('crm', 'waiting', nowMs + HOUR_MS, id);
  await waitingDeliveries.attemptNow();
  expect((await readRow('crm', id))?.['nextAt']?.S).toBe(toTime(nowMs));
});

test('a delivery that has no row yet, or whose row is not waiting, only becomes visible', async () => {
  const first = await hide('crm');
  await writeRow('crm', 'in_progress', 0);
  const second = await hide('mail');
  expect(await waitingDeliveries.attemptNow()).toBeGreaterThanOrEqual(2);
  expect((await readRow('crm'))?.['state']?.S).toBe('in_progress');
  expect((await readRow('crm'))?.['nextAt']).toBeUndefined();
  expect(await readRow('mail')).toBeUndefined();
  expect([await receive('crm'), await receive('mail')]).toEqual([
    expect.arrayContaining([first]),
    expect.arrayContaining([second]),
  ]);
});

test('the next attempt is that of the row when it is later than the end of the hiding', async () => {
  const messageId = await hide('crm');
  await writeRow('crm', 'waiting', nowMs + 5 * HOUR_MS);
  const seen: number[] = [];
  await waitingDeliveries.reschedule((delivery) => {
    if (delivery.messageId === messageId) seen.push(delivery.nextAtMs);
    return null;
  });
  expect(seen).toEqual([Date.parse(toTime(nowMs + 5 * HOUR_MS))]);
  expect((await readRow('crm'))?.['nextAt']?.S).toBe(toTime(nowMs + 5 * HOUR_MS));
  expect(await receive('crm')).toEqual([]);
});

test('a delivery that an invocation has is left alone', async () => {
  processedIds = [await hide('crm')];
  await writeRow('crm', 'waiting', nowMs + HOUR_MS);
  await waitingDeliveries.attemptNow();
  expect((await readRow('crm'))?.['nextAt']?.S).toBe(toTime(nowMs + HOUR_MS));
  expect(await receive('crm')).not.toContain(processedIds[0]);
});

test('messages of other queues, and those that are no deliveries, are left alone', async () => {
  for (const name of ['relay-local-records', `${PREFIX}crm`]) {
    const QueueUrl = toUrl(name);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"id":"whs_0"}' }));
    await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 7_200 }),
    );
  }
  await waitingDeliveries.attemptNow();
  for (const name of ['relay-local-records', `${PREFIX}crm`]) {
    const { inFlight } = await readQueueContents(
      services.endpoints.sqsEndpoint,
      name,
      Date.now() + HOUR_MS,
    );
    expect(inFlight.map(({ body }) => body)).toEqual(['{"id":"whs_0"}']);
  }
});
