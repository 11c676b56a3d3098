import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCodeToOutcome } from '../../lib/destinations/aws-error.ts';
import type { Destination } from '../../lib/destinations/destination.ts';
import { createEventBridgeDestination } from '../../lib/destinations/eventbridge.ts';
import { undeliverable, json } from '../../lib/destinations/http-request.ts';
import { createSnsDestination } from '../../lib/destinations/sns.ts';
import { createSqsDestination } from '../../lib/destinations/sqs.ts';
import { aRecord } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { startEventBus } from '../support/event-bus.ts';
import { neverRespond, startReceiver } from '../support/http-receiver.ts';

const DELIVERED = { kind: 'delivered', status: null };

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

function deliver(destination: Destination, record = aRecord(), timeoutMs = 5_000) {
  const signal = AbortSignal.timeout(timeoutMs);
  return destination.deliver(record, { now: new Date(0), signal });
}

describe('an SQS destination', () => {
  it('gets the whole record, with attributes to filter on', async () => {
    const queueUrl = await aws.createQueue('shop');
    expect(
      await deliver(createSqsDestination({ name: 'shop', client: aws.sqs, queueUrl })),
    ).toEqual(DELIVERED);

    const [message] = await aws.drain(queueUrl);
    expect(JSON.parse(message?.Body ?? '')).toEqual(aRecord());
    expect(message?.MessageAttributes).toMatchObject({
      type: { StringValue: 'voucherify.manual_distribution_schedule' },
      purpose: { StringValue: 'code' },
      project: { StringValue: 'proj_q1' },
    });
  });

  it('gets no attribute that is unknown or that SQS would reject', async () => {
    const queueUrl = await aws.createQueue('sparse');
    const record = aRecord({ source: '/voucherify', type: 'voucherify.invalid\u0001' });
    expect(
      await deliver(createSqsDestination({ name: 'sparse', client: aws.sqs, queueUrl }), record),
    ).toEqual(DELIVERED);
    const [message] = await aws.drain(queueUrl);
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['purpose']);
  });

  it('gets non-ASCII characters unchanged', async () => {
    const queueUrl = await aws.createQueue('signs');
    const record = aRecord({ data: { distributionLabel: 'Été 🎁 \uFFFE \u2028 "quoted"' } });
    await deliver(createSqsDestination({ name: 'signs', client: aws.sqs, queueUrl }), record);
    const [message] = await aws.drain(queueUrl);
    expect(JSON.parse(message?.Body ?? '')).toEqual(record);
  });

  it('gets well-formed text, in attributes too', async () => {
    const queueUrl = await aws.createQueue('halves');
    const record = aRecord({ type: 'voucherify.\ud83d', data: { distributionLabel: 'Zo\ud83d' } });
    const options = { name: 'halves', client: aws.sqs, queueUrl };
    const request: NonNullable<Parameters<typeof createSqsDestination>[0]['request']> = ({
      data,
    }) => json({ name: encodeURIComponent(String(data.distributionLabel)), cut: '\ud83d' });
    expect(await deliver(createSqsDestination(options), record)).toEqual(DELIVERED);
    expect(await deliver(createSqsDestination({ ...options, request }), record)).toEqual(DELIVERED);

    const [whole, own] = await aws.drain(queueUrl);
    expect(JSON.parse(whole?.Body ?? '')).toMatchObject({
      type: 'voucherify.\u{fffd}',
      data: { distributionLabel: 'Zo\u{fffd}' },
    });
    expect(whole?.Body).not.toMatch(/\\ud83d/);
    expect(whole?.MessageAttributes?.['type']?.StringValue).toBe('voucherify.\u{fffd}');
    expect(own?.Body).toBe('{"name":"Zo%EF%BF%BD","cut":"\u{fffd}"}');
  });

  it('that is FIFO keeps the order of each customer and drops duplicates', async () => {
    const queueUrl = await aws.createQueue('ordered.fifo', { FifoQueue: 'true' });
    const destination = createSqsDestination({ name: 'ordered', client: aws.sqs, queueUrl });
    const { subject: _subject, ...anonymous } = aRecord({ id: `sha_${'é'.repeat(200)}` });
    for (const record of [aRecord(), aRecord(), anonymous]) {
      expect(await deliver(destination, record)).toEqual(DELIVERED);
    }
    const messages = await aws.drain(queueUrl);
    expect(messages.map(({ Attributes }) => Attributes)).toMatchObject([
      { MessageGroupId: 'cust_u9', MessageDeduplicationId: 'whs_hb7Kd93mQ' },
      {
        MessageGroupId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    ]);
  });

  it('that is FIFO keeps equal bodies of different days, which have one id', async () => {
    const queueUrl = await aws.createQueue('days.fifo', { FifoQueue: 'true' });
    const destination = createSqsDestination({ name: 'days', client: aws.sqs, queueUrl });
    const days = ['2026-03-01', '2026-03-04', '2026-03-08'].map((day) => `${day}T08:00:00.000Z`);
    const received = days.map((receivedAt) =>
      aRecord({ id: `sha_${'5e'.repeat(32)}`, data: { receivedAt } }),
    );
    // the second attempt at one of them is still dropped
    for (const record of [...received, ...received.slice(0, 1)]) {
      expect(await deliver(destination, record)).toEqual(DELIVERED);
    }
    expect(await aws.drain(queueUrl)).toHaveLength(3);
  });

  it('gets the body that the merchant builds from the record, and nothing when it is undeliverable', async () => {
    const queueUrl = await aws.createQueue('shaped');
    const request = () => json({ shape: 'own' });
    await deliver(createSqsDestination({ name: 'shaped', client: aws.sqs, queueUrl, request }));
    const withoutBody = createSqsDestination({
      name: 'shaped',
      client: aws.sqs,
      queueUrl,
      request: () => undeliverable('no'),
    });
    expect(await deliver(withoutBody)).toMatchObject({ kind: 'rejected', detail: 'no' });

    expect((await aws.drain(queueUrl)).map(({ Body }) => Body)).toEqual(['{"shape":"own"}']);
  });

  it('rejects the delivery when the queue does not exist', async () => {
    const queueUrl = `${aws.sqsEndpoint}/000000000000/nowhere`;
    expect(
      await deliver(createSqsDestination({ name: 'nowhere', client: aws.sqs, queueUrl })),
    ).toMatchObject({
      kind: 'rejected',
      reason: 'aws_error',
      cause: expect.stringMatching(/QueueDoesNotExist|NonExistentQueue/) as string,
    });
  });

  it('rejects the delivery when the message is too large', async () => {
    const queueUrl = await aws.createQueue('full');
    const record = aRecord({ data: { distributionLabel: 'x'.repeat(1_048_576) } });
    expect(
      await deliver(createSqsDestination({ name: 'full', client: aws.sqs, queueUrl }), record),
    ).toMatchObject({
      kind: 'rejected',
    });
  });

  it('retries a delivery that timed out, and reports it as maybe delivered', async () => {
    const receiver = await startReceiver(neverRespond);
    const client = new SQSClient({ ...LOCAL_CLIENT, endpoint: receiver.url, maxAttempts: 1 });
    const outcome = await deliver(
      createSqsDestination({ name: 'slow', client, queueUrl: receiver.url }),
      aRecord(),
      100,
    );
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'timeout', maybeDelivered: true });
    client.destroy();
    await receiver.stop();
  });

  it('retries the delivery when the service cannot be reached', async () => {
    const receiver = await startReceiver();
    await receiver.stop();
    const client = new SQSClient({ ...LOCAL_CLIENT, endpoint: receiver.url, maxAttempts: 1 });
    const outcome = await deliver(
      createSqsDestination({ name: 'away', client, queueUrl: receiver.url }),
    );
    expect(outcome).toMatchObject({ kind: 'retry', status: null });
    client.destroy();
  });
});

describe('an SNS destination', () => {
  it('delivers to the subscribers whose filter matches the attributes', async () => {
    const client = new SNSClient({ ...LOCAL_CLIENT, endpoint: aws.sqsEndpoint });
    const { TopicArn: topicArn = '' } = await client.send(
      new CreateTopicCommand({ Name: 'records' }),
    );
    const subscribe = async (name: string, filter: object): Promise<string> => {
      const url = await aws.createQueue(name);
      const { Attributes } = await aws.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
      );
      await client.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: 'sqs',
          Endpoint: Attributes?.['QueueArn'],
          Attributes: { FilterPolicy: JSON.stringify(filter), RawMessageDelivery: 'true' },
        }),
      );
      return url;
    };
    const codes = await subscribe('codes', { purpose: ['code'], project: ['proj_q1'] });
    const activity = await subscribe('activity', { purpose: ['activity'] });

    expect(await deliver(createSnsDestination({ name: 'records', client, topicArn }))).toEqual(
      DELIVERED,
    );

    const [message] = await aws.drain(codes);
    expect(JSON.parse(message?.Body ?? '')).toEqual(aRecord());
    expect(await aws.drain(activity)).toEqual([]);
    client.destroy();
  });

  it('rejects the delivery when the topic does not exist', async () => {
    const client = new SNSClient({ ...LOCAL_CLIENT, endpoint: aws.sqsEndpoint });
    const topicArn = 'arn:aws:sns:eu-west-1:000000000000:nowhere';
    expect(
      await deliver(createSnsDestination({ name: 'nowhere', client, topicArn })),
    ).toMatchObject({
      kind: 'rejected',
      reason: 'aws_error',
      cause: expect.stringMatching(/NotFound/) as string,
    });
    client.destroy();
  });
});

describe('an EventBridge destination', () => {
  const busTo = (endpoint: string) => {
    const client = new EventBridgeClient({ ...LOCAL_CLIENT, endpoint, maxAttempts: 1 });
    return {
      client,
      destination: createEventBridgeDestination({ name: 'bus', client, busName: 'merchant' }),
    };
  };

  it('gets an event with a type and fields that rules can match', async () => {
    const bus = await startEventBus();
    const { client, destination } = busTo(bus.endpoint);

    expect(await deliver(destination)).toEqual(DELIVERED);
    const long = aRecord({ type: `voucherify.${'x'.repeat(200)}` });
    expect(await deliver(destination, long)).toEqual(DELIVERED);
    // the 128th character would be the first half of the emoji
    const cut = aRecord({ type: `${'x'.repeat(127)}🎁` });
    expect(await deliver(destination, cut)).toEqual(DELIVERED);
    expect(bus.calls[2]).toMatchObject({
      Entries: [{ DetailType: `${'x'.repeat(127)}\u{fffd}`, Detail: cut }],
    });

    expect(bus.calls[0]).toEqual({
      Entries: [
        {
          EventBusName: 'merchant',
          Source: 'voucher-relay',
          DetailType: 'voucherify.manual_distribution_schedule',
          Detail: aRecord(),
        },
      ],
    });
    client.destroy();
    await bus.stop();
  });

  it.each([
    [{ entries: ['ThrottlingException'] }, 'retry'],
    [{ entries: ['InternalFailure'] }, 'retry'],
    [{ entries: ['AccessDeniedException'] }, 'retry'],
    [{ entries: ['MalformedDetail'] }, 'rejected'],
    [{ status: 500, code: 'InternalException' }, 'retry'],
    [{ status: 400, code: 'ResourceNotFoundException' }, 'rejected'],
  ])('treats a failed entry as a failed delivery: %j', async (fault, kind) => {
    const bus = await startEventBus([fault]);
    const { client, destination } = busTo(bus.endpoint);
    expect(await deliver(destination)).toMatchObject({ kind });
    expect(bus.calls).toEqual([]);
    client.destroy();
    await bus.stop();
  });
});

describe('the outcome of an error of an AWS service', () => {
  it.each([
    ['ThrottlingException', 400],
    ['Throttling', 400],
    ['RequestThrottled', 403],
    ['ThrottledException', 429],
    ['KMSThrottlingException', 400],
    ['TooManyRequestsException', 429],
    ['OverLimit', 403],
  ])('is a retry that does not count as an attempt: %s (%i)', (code, status) => {
    expect(awsCodeToOutcome(code, status)).toMatchObject({
      kind: 'retry',
      reason: 'aws_error',
      cause: code,
      status,
      countsAsAttempt: false,
    });
  });

  it.each([
    ['AccessDenied', 403],
    ['AccessDeniedException', 400],
    ['AuthorizationError', 403],
    ['ExpiredTokenException', 400],
    ['InvalidClientTokenId', 403],
    ['KmsAccessDenied', 400],
    ['KmsDisabled', 400],
    ['SignatureDoesNotMatch', 403],
  ])('is a retry with an alert: %s (%i)', (code, status) => {
    expect(awsCodeToOutcome(code, status)).toMatchObject({
      kind: 'retry',
      reason: 'aws_error',
      cause: code,
      status,
      alert: 'credentials_rejected',
    });
  });

  it.each([
    ['InternalFailure', 500],
    ['ServiceUnavailable', 503],
  ])('is a retry: %s (%i)', (code, status) => {
    expect(awsCodeToOutcome(code, status)).toMatchObject({ kind: 'retry', countsAsAttempt: true });
  });

  it('is a retry of a delivery that may have been made when there was no response', () => {
    expect(awsCodeToOutcome('TimeoutError', null)).toMatchObject({
      kind: 'retry',
      maybeDelivered: true,
    });
  });

  it.each([
    ['QueueDoesNotExist', 400],
    ['AWS.SimpleQueueService.NonExistentQueue', 400],
    ['InvalidMessageContents', 400],
    ['InvalidParameterValue', 400],
    ['NotFound', 404],
  ])('is rejected: %s (%i)', (code, status) => {
    expect(awsCodeToOutcome(code, status)).toMatchObject({
      kind: 'rejected',
      reason: 'aws_error',
      cause: code,
      status,
    });
  });
});
