import { createHash } from 'node:crypto';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Destination, RequestOutcomes } from '../../lib/destinations/destination.ts';
import { createEventBridgeDestination, eventbridge } from '../../lib/destinations/eventbridge.ts';
import { json, undeliverable } from '../../lib/destinations/http-request.ts';
import { toQueueSettings } from '../../lib/destinations/queue-settings.ts';
import { createSnsDestination, sns } from '../../lib/destinations/sns.ts';
import { createSqsDestination, sqs } from '../../lib/destinations/sqs.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { startEventBus } from '../support/event-bus.ts';
import { aDelivery, createTestFanOut } from '../support/fan-out.ts';
import {
  type Behaviour,
  neverRespond,
  respondWith,
  startReceiver,
} from '../support/http-receiver.ts';

const TOPIC_ARN = 'arn:aws:sns:eu-west-1:000000000000:cards';

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

const stops: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const recordsOf = (count: number): RelayRecord[] =>
  Array.from({ length: count }, (_, n) => aRecord({ id: `whs_${n}` }));

async function deliverMany(
  destination: Destination,
  records: readonly RelayRecord[],
  timeoutMs = 5_000,
): Promise<RequestOutcomes> {
  const context = { now: new Date(0), signal: AbortSignal.timeout(timeoutMs) };
  const outcomes = await destination.deliverMany?.(records, context);
  if (outcomes === undefined) throw new Error('The destination delivers one record at a time');
  return outcomes;
}

const readIds = (bodies: readonly (string | undefined)[]): unknown[] =>
  bodies.map((body) => (JSON.parse(body ?? '{}') as { id?: unknown }).id);

/** A server that responds as scripted, and the clients of the services that send to it. */
async function startService(behave: Behaviour) {
  const receiver = await startReceiver(behave);
  const settings = { ...LOCAL_CLIENT, endpoint: receiver.url, maxAttempts: 1 };
  const clients = {
    sqs: new SQSClient(settings),
    sns: new SNSClient(settings),
    eventbridge: new EventBridgeClient(settings),
  };
  stops.push(receiver.stop, ...Object.values(clients).map((client) => () => client.destroy()));
  const destinations: Record<keyof typeof clients, Destination> = {
    sqs: createSqsDestination({ name: 'shop', client: clients.sqs, queueUrl: receiver.url }),
    sns: createSnsDestination({ name: 'shop', client: clients.sns, topicArn: TOPIC_ARN }),
    eventbridge: createEventBridgeDestination({
      name: 'shop',
      client: clients.eventbridge,
      busName: 'merchant',
    }),
  };
  return { ...receiver, destinations };
}

const SqsCallSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Entries: v.array(v.object({ Id: v.string(), MessageBody: v.string() })) }),
);

/** The result of an entry that SQS stored; the SDK compares the hash. */
function toStored({ Id, MessageBody }: { readonly Id: string; readonly MessageBody: string }) {
  const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
  return { Id, MessageId: 'm', MD5OfMessageBody };
}

describe('an AWS destination', () => {
  it('puts ten messages on a queue with one call, each with its attributes', async () => {
    const queueUrl = await aws.createQueue('many');
    const destination = createSqsDestination({ name: 'many', client: aws.sqs, queueUrl });
    const { request, records } = await deliverMany(destination, recordsOf(10));
    const delivered = { kind: 'delivered', status: null };
    expect([request, records]).toEqual([delivered, recordsOf(10).map(() => delivered)]);

    const messages = await aws.drain(queueUrl);
    expect(messages.map(({ Body }) => JSON.parse(Body ?? '') as unknown)).toEqual(recordsOf(10));
    for (const { MessageAttributes } of messages) {
      expect(MessageAttributes).toMatchObject({ purpose: { StringValue: 'code' } });
    }
  });

  it('keeps the order of each customer on a FIFO queue, and drops what is repeated in a call', async () => {
    const queueUrl = await aws.createQueue('many.fifo', { FifoQueue: 'true' });
    const destination = createSqsDestination({ name: 'many', client: aws.sqs, queueUrl });
    const [first, second, third] = recordsOf(3).map(({ id }) => aRecord({ id, subject: 'cust_1' }));
    if (!first || !second || !third) throw new Error('There are three records');
    const { records } = await deliverMany(destination, [first, second, first, third]);
    expect(records.map((each) => each?.kind)).toEqual(Array(4).fill('delivered'));

    const messages = await aws.drain(queueUrl);
    expect(readIds(messages.map(({ Body }) => Body))).toEqual(['whs_0', 'whs_1', 'whs_2']);
    expect(messages.map(({ Attributes }) => Attributes?.['MessageGroupId'])).toEqual(
      Array(3).fill('cust_1'),
    );
  });

  it('publishes ten messages to a FIFO topic with one call', async () => {
    const client = new SNSClient({ ...LOCAL_CLIENT, endpoint: aws.sqsEndpoint });
    stops.push(() => client.destroy());
    const { TopicArn: topicArn = '' } = await client.send(
      new CreateTopicCommand({ Name: 'many.fifo', Attributes: { FifoTopic: 'true' } }),
    );
    const queueUrl = await aws.createQueue('subscribed.fifo', { FifoQueue: 'true' });
    const { Attributes } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
    );
    await client.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: Attributes?.['QueueArn'],
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    const destination = createSnsDestination({ name: 'many', client, topicArn });
    const { records } = await deliverMany(destination, recordsOf(10));
    expect(records.map((each) => each?.kind)).toEqual(Array(10).fill('delivered'));
    const messages = await aws.drain(queueUrl);
    expect(messages.map(({ Body }) => JSON.parse(Body ?? '') as unknown)).toEqual(recordsOf(10));
  });

  it('puts ten events on a bus with one call', async () => {
    const bus = await startEventBus();
    const client = new EventBridgeClient({ ...LOCAL_CLIENT, endpoint: bus.endpoint });
    stops.push(bus.stop, () => client.destroy());
    const destination = createEventBridgeDestination({ name: 'bus', client, busName: 'merchant' });
    const { records } = await deliverMany(destination, recordsOf(10));
    expect(records.map((each) => each?.kind)).toEqual(Array(10).fill('delivered'));
    expect(bus.calls.map(({ Entries }) => Entries.map(({ Detail }) => Detail))).toEqual([
      recordsOf(10),
    ]);
  });

  it('sends the others when no message can be made of some records', async () => {
    const queueUrl = await aws.createQueue('shaped');
    const destination = createSqsDestination({
      name: 'shaped',
      client: aws.sqs,
      queueUrl,
      request: ({ id }) => {
        if (id === 'whs_0') return undeliverable('no card');
        if (id === 'whs_2') throw new RangeError('unexpected');
        return json({ id });
      },
    });
    const { request, records } = await deliverMany(destination, recordsOf(4));
    expect(request).toMatchObject({ kind: 'delivered' });
    expect(records).toMatchObject([
      { kind: 'rejected', reason: 'undeliverable', detail: 'no card' },
      { kind: 'delivered' },
      { kind: 'rejected', reason: 'deliver_threw', cause: 'RangeError' },
      { kind: 'delivered' },
    ]);
    const messages = await aws.drain(queueUrl);
    expect(readIds(messages.map(({ Body }) => Body))).toEqual(['whs_1', 'whs_3']);
  });
});

describe('the entries of one call', () => {
  const FATES = [
    { kind: 'delivered' },
    { kind: 'rejected', cause: 'InvalidMessageContents' },
    { kind: 'retry', cause: 'InternalError', countsAsAttempt: true, maybeDelivered: false },
    { kind: 'retry', cause: 'RequestThrottled', countsAsAttempt: false },
    { kind: 'retry', reason: 'no_result', maybeDelivered: true },
    { kind: 'retry', cause: 'KmsAccessDenied', alert: 'credentials_rejected' },
  ];

  it('have a result of their own from SQS, in any order', async () => {
    const { destinations } = await startService(({ body }, response) => {
      const [first] = v.parse(SqsCallSchema, body).Entries;
      const Failed = [
        { Id: '5', SenderFault: true, Code: 'KmsAccessDenied' },
        { Id: '3', SenderFault: true, Code: 'RequestThrottled' },
        { Id: '2', SenderFault: false, Code: 'InternalError' },
        { Id: '1', SenderFault: true, Code: 'InvalidMessageContents' },
      ];
      response.end(JSON.stringify({ Failed, Successful: first && [toStored(first)] }));
    });
    const { request, records } = await deliverMany(destinations.sqs, recordsOf(6));
    expect(request).toEqual({ kind: 'delivered', status: null });
    expect(records).toMatchObject(FATES);
  });

  it('have a result of their own from SNS', async () => {
    const failed = [
      ['1', 'InvalidMessageContents', true],
      ['2', 'InternalError', false],
      ['3', 'RequestThrottled', true],
      ['5', 'KmsAccessDenied', true],
    ]
      .map(
        ([id, code, fault]) =>
          `<member><Id>${id}</Id><Code>${code}</Code><SenderFault>${fault}</SenderFault></member>`,
      )
      .join('');
    const { destinations } = await startService(
      respondWith(
        200,
        { 'content-type': 'text/xml' },
        `<PublishBatchResponse><PublishBatchResult><Successful><member><Id>0</Id><MessageId>m</MessageId></member></Successful><Failed>${failed}</Failed></PublishBatchResult></PublishBatchResponse>`,
      ),
    );
    expect((await deliverMany(destinations.sns, recordsOf(6))).records).toMatchObject(FATES);
  });

  it('have a result of their own from EventBridge, by their order', async () => {
    const bus = await startEventBus([
      { entries: [null, 'MalformedDetail', 'InternalFailure', 'ThrottlingException', null] },
    ]);
    const client = new EventBridgeClient({ ...LOCAL_CLIENT, endpoint: bus.endpoint });
    stops.push(bus.stop, () => client.destroy());
    const destination = createEventBridgeDestination({ name: 'bus', client, busName: 'merchant' });
    const { request, records } = await deliverMany(destination, recordsOf(5));
    expect(request).toEqual({ kind: 'delivered', status: null });
    expect(records).toMatchObject([
      { kind: 'delivered' },
      { kind: 'rejected', cause: 'MalformedDetail' },
      { kind: 'retry', cause: 'InternalFailure', countsAsAttempt: true },
      { kind: 'retry', cause: 'ThrottlingException', countsAsAttempt: false },
      { kind: 'delivered' },
    ]);
    expect(bus.calls.map(({ Entries }) => Entries.length)).toEqual([2]);
  });

  it('are a failure of the service when none of them was taken, and none is to blame', async () => {
    const respond = (senderFault: boolean): Behaviour =>
      respondWith(
        200,
        {},
        JSON.stringify({
          Failed: ['0', '1'].map((Id) => ({ Id, SenderFault: senderFault, Code: 'Fault' })),
        }),
      );
    const down = await startService(respond(false));
    expect((await deliverMany(down.destinations.sqs, recordsOf(2))).request).toMatchObject({
      kind: 'retry',
      cause: 'Fault',
    });
    const blaming = await startService(respond(true));
    expect((await deliverMany(blaming.destinations.sqs, recordsOf(2))).request).toMatchObject({
      kind: 'rejected',
      cause: 'Fault',
    });
  });
});

describe.each(['sqs', 'sns', 'eventbridge'] as const)('a call of %s that failed', (kind) => {
  it.each([
    ['has no response', neverRespond, { kind: 'retry', reason: 'timeout', maybeDelivered: true }],
    ['has a 500', respondWith(500, {}, '{}'), { kind: 'retry', status: 500 }],
    ['is refused', respondWith(400, {}, '{}'), { kind: 'rejected', status: 400 }],
    ['has a 403', respondWith(403, {}, '{}'), { kind: 'retry', alert: 'credentials_rejected' }],
  ])('because it %s says so of all its records', async (_why, behave, outcome) => {
    const { destinations } = await startService(behave);
    const { request, records } = await deliverMany(destinations[kind], recordsOf(3), 200);
    expect(request).toMatchObject(outcome);
    // the engine sends those of a refused call in halves: any of them may be why
    expect(records).toEqual([null, null, null]);
  });
});

describe('messages that are too large for one call', () => {
  /** An SQS that stores whatever it gets. */
  const startQueue = async () => {
    const calls: { readonly ids: unknown[]; readonly bytes: number }[] = [];
    const { destinations } = await startService(({ body }, response) => {
      const { Entries } = v.parse(SqsCallSchema, body);
      calls.push({
        ids: readIds(Entries.map(({ MessageBody }) => MessageBody)),
        bytes: Entries.reduce((sum, each) => sum + Buffer.byteLength(each.MessageBody), 0),
      });
      response.end(JSON.stringify({ Successful: Entries.map(toStored) }));
    });
    return { calls, destinations };
  };
  const largeDelivery = (n: number, characters: number) =>
    aDelivery(
      aRecord({
        id: `whs_${n}`,
        data: { distributionLabel: 'é'.repeat(characters), voucher: aVoucher({ expiresAt: null }) },
      }),
      'shop',
    );

  it('are sent with several calls, each of which the service takes', async () => {
    const { calls, destinations } = await startQueue();
    const { deliver, deadLetters } = createTestFanOut([destinations.sqs]);
    const deliveries = Array.from({ length: 10 }, (_, n) => largeDelivery(n, 120_000));
    expect(await deliver('shop', ...deliveries)).toEqual([]);
    expect(deadLetters).toEqual([]);
    expect(new Set(calls.flatMap(({ ids }) => ids))).toEqual(
      new Set(recordsOf(10).map(({ id }) => id)),
    );
    expect(calls.length).toBeLessThanOrEqual(4);
    for (const { bytes } of calls) expect(bytes).toBeLessThan(1_048_576);
  });

  it('are judged by the service when one of them is too large alone', async () => {
    const queueUrl = await aws.createQueue('large');
    const destination = createSqsDestination({ name: 'shop', client: aws.sqs, queueUrl });
    const { deliver, deadLetters } = createTestFanOut([destination]);
    const deliveries = [1, 600_000, 1].map((characters, n) => largeDelivery(n, characters));
    expect(await deliver('shop', ...deliveries)).toEqual([]);
    expect(deadLetters).toMatchObject([
      { record: { id: 'whs_1' }, reason: 'rejected', lastFailure: { reason: 'aws_error' } },
    ]);
    const messages = await aws.drain(queueUrl);
    expect(new Set(readIds(messages.map(({ Body }) => Body)))).toEqual(new Set(['whs_0', 'whs_2']));
  });

  it.each([
    ['sqs', 523_000, 526_000],
    ['sns', 130_000, 133_000],
    ['eventbridge', 130_000, 133_000],
  ] as const)(
    'of %s are two of more than half of what it takes, as two of %i bytes are not',
    async (kind, fitting, tooLarge) => {
      const { destinations, received } = await startService(respondWith(500));
      const sendTwo = async (bytes: number) => {
        const data = { distributionLabel: 'x'.repeat(bytes - 2_500) };
        const large = ['a', 'b'].map((id) => aRecord({ id, data }));
        return (await deliverMany(destinations[kind], large)).request;
      };
      expect(await sendTwo(fitting)).toMatchObject({ kind: 'retry', status: 500 });
      expect(await sendTwo(tooLarge)).toMatchObject({ kind: 'rejected', cause: 'BodyTooLarge' });
      expect(received).toHaveLength(1);
    },
  );
});

describe('the queue in front of an AWS destination', () => {
  const declare = (limit: object) => [
    sqs({ name: 'q', queue: 'arn:aws:sqs:eu-west-1:000000000000:q', limit }),
    sns({ name: 't', topic: TOPIC_ARN, limit }),
    eventbridge({ name: 'b', bus: 'arn:aws:events:eu-west-1:000000000000:event-bus/b', limit }),
  ];

  it('is read ten messages at a time, without a wait', () => {
    for (const { limit, batch } of declare({})) {
      const { batchSize, batchWindowSeconds, requestSize } = toQueueSettings(limit, batch);
      expect([batchSize, batchWindowSeconds, requestSize]).toEqual([10, 0, 10]);
    }
  });

  it.each([{ perSecond: 20 }, { perMinute: 30 }])('has a rate that counts records: %o', (limit) => {
    for (const { batch } of declare(limit)) expect(batch).toEqual({ size: 1, windowSeconds: 0 });
  });

  it('shares calls also where the calls at once are limited', () => {
    for (const { batch } of declare({ concurrency: 4 })) expect(batch.size).toBe(10);
  });
});
