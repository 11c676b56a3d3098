import { expect, describe, it } from 'vitest';
import { toDestinationRequests } from '../../../../lib/local/console/state/destination-requests.ts';
import type { MadeRequest } from '../../../../lib/local/emulator/lambda/request-capture.ts';

const AWS = { authorization: 'AWS4-HMAC-SHA256 Credential=fanOut/20260305/eu-west-1/sqs' };
const MARA = { customer: { email: 'mara@example.com' }, voucher: { code: 'RAIN 10' } };
const JOEL = { customer: { email: 'joel@example.com' }, voucher: { code: 'SUN-20' } };

interface Seen {
  readonly recordId: string;
  readonly head: string;
  readonly body: string;
  readonly recordCount: number;
}

/** What is seen of a request of an invocation with these records. */
function see(
  records: Readonly<Record<string, object>>,
  request: Partial<MadeRequest>,
): readonly Seen[] {
  const event = {
    Records: Object.entries(records).map(([id, data]) => ({
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-local-to-crm',
      body: JSON.stringify({ destination: 'crm', record: { id, data } }),
    })),
  };
  const made: MadeRequest = {
    method: 'POST',
    path: '/hook',
    headers: {},
    body: '',
    status: 200,
    responseHeaders: {},
    responseBody: '',
    ms: 3,
    ...request,
  };
  const source = { functionName: 'fanOut', environmentId: 'e1', event };
  return toDestinationRequests({ ...source, request: made }, (name) => name === 'own').map(
    ({ queueName, recordId, exchange: { head, body, recordCount } }) => {
      expect(queueName).toBe('voucher-relay-local-to-crm');
      return { recordId, head, body, recordCount };
    },
  );
}

const ids = (seen: readonly Seen[]): readonly string[] => seen.map(({ recordId }) => recordId);

describe('an HTTP request', () => {
  it.each<[string, Partial<MadeRequest>]>([
    ['in its body', { body: '{"contact":{"ref":"whs_2"}}' }],
    ['in a header', { headers: { 'webhook-id': 'whs_2' } }],
    ['in its path', { path: '/contacts/whs_2' }],
  ])('is that of the record whose id is %s', (_case, request) => {
    expect(ids(see({ whs_1: MARA, whs_2: JOEL }, request))).toEqual(['whs_2']);
  });

  it.each<[string, Partial<MadeRequest>]>([
    ['its customer', { body: '{"to":"mara@example.com"}' }],
    ['its code in a form', { body: 'Body=RAIN+10' }],
  ])('without an id is that of the record with %s', (_case, request) => {
    expect(ids(see({ whs_1: MARA, whs_2: JOEL }, request))).toEqual(['whs_1']);
  });

  it('that says nothing of a record is that of the only one, and of none among several', () => {
    expect(ids(see({ whs_1: MARA }, { body: 'ping' }))).toEqual(['whs_1']);
    expect(see({ whs_1: MARA, whs_2: JOEL }, { body: 'ping' })).toEqual([]);
  });

  it('for many records is that of each, and says how many', () => {
    const body = '[{"id":"whs_1"},{"id":"whs_3"}]';
    const seen = see({ whs_1: MARA, whs_2: JOEL, whs_3: MARA }, { body });
    expect(ids(seen)).toEqual(['whs_1', 'whs_3']);
    expect(seen.map(({ recordCount }) => recordCount)).toEqual([2, 2]);
  });
});

it('a request for thousands of records takes little time', () => {
  const records = Object.fromEntries(
    Array.from({ length: 3_000 }, (_, n) => [
      `whs_${n}`,
      { customer: { email: `c${n}@example.com` } },
    ]),
  );
  const filler = 'x'.repeat(600);
  const carrying = (toText: (n: number) => string): Partial<MadeRequest> => ({
    body: JSON.stringify(Array.from({ length: 2_000 }, (_, n) => ({ who: toText(n), filler }))),
  });
  const startedAtMs = performance.now();
  expect(
    see(
      records,
      carrying((n) => `whs_${n}`),
    ),
  ).toHaveLength(2_000);
  expect(
    see(
      records,
      carrying((n) => `c${n}@example.com`),
    ),
  ).toHaveLength(2_000);
  expect(
    see(
      records,
      carrying(() => 'nobody'),
    ),
  ).toHaveLength(0);
  // looking for each of them in all of the text takes many seconds
  expect(performance.now() - startedAtMs).toBeLessThan(2_000);
});

describe('a call of SQS', () => {
  const url = 'http://127.0.0.1:1/000000000000/';
  const call = (operation: string, body: object): Partial<MadeRequest> => ({
    headers: { ...AWS, 'x-amz-target': `AmazonSQS.${operation}` },
    body: JSON.stringify(body),
  });

  it('with one message shows the message and what identifies it', () => {
    const MessageBody = '{"id":"whs_1"}';
    const message = { MessageBody, MessageGroupId: 'cust_1', MessageDeduplicationId: 'whs_1' };
    const attributes = { type: { DataType: 'String', StringValue: 'voucherify.a' } };
    const request = call('SendMessage', {
      QueueUrl: `${url}ledger.fifo`,
      ...message,
      MessageAttributes: attributes,
    });
    expect(see({ whs_1: MARA }, request)).toEqual([
      {
        recordId: 'whs_1',
        head: 'SendMessage to ledger.fifo\nMessageGroupId: cust_1\nMessageDeduplicationId: whs_1\ntype: voucherify.a',
        body: MessageBody,
        recordCount: 1,
      },
    ]);
  });

  it('with many shows to each record its own message', () => {
    const Entries = ['whs_1', 'whs_2'].map((id) => ({ Id: id, MessageBody: `{"id":"${id}"}` }));
    const request = call('SendMessageBatch', { QueueUrl: `${url}orders`, Entries });
    const seen = see({ whs_1: MARA, whs_2: JOEL }, request);
    expect(seen.map(({ recordId, head, body }) => [recordId, head, body])).toEqual([
      ['whs_1', 'SendMessageBatch to orders, message 1 of 2', '{"id":"whs_1"}'],
      ['whs_2', 'SendMessageBatch to orders, message 2 of 2', '{"id":"whs_2"}'],
    ]);
  });

  it.each([
    [
      'on a queue of the pipeline',
      call('SendMessage', { QueueUrl: `${url}own`, MessageBody: 'whs_1' }),
    ],
    ['that sends nothing', call('ChangeMessageVisibilityBatch', { QueueUrl: `${url}own` })],
    [
      'that cannot be read',
      { headers: { ...AWS, 'x-amz-target': 'AmazonSQS.SendMessage' }, body: '{' },
    ],
  ])('%s is no request to a destination', (_case, request) => {
    expect(see({ whs_1: MARA }, request)).toEqual([]);
  });
});

describe('a call of SNS', () => {
  const call = (fields: Record<string, string>): Partial<MadeRequest> => ({
    headers: { ...AWS, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ TopicArn: 'arn:aws:sns:eu-west-1:1:cards', ...fields }).toString(),
  });

  it('with one message shows the message and its attributes', () => {
    const request = call({
      Action: 'Publish',
      Message: '{"id":"whs_1"}',
      'MessageAttributes.entry.1.Name': 'purpose',
      'MessageAttributes.entry.1.Value.StringValue': 'code',
    });
    expect(see({ whs_1: MARA }, request)).toMatchObject([
      { recordId: 'whs_1', head: 'Publish to cards\npurpose: code', body: '{"id":"whs_1"}' },
    ]);
  });

  it('with many shows to each record its own message', () => {
    const entry = (place: number, name: string): string =>
      `PublishBatchRequestEntries.member.${place}.${name}`;
    const request = call({
      Action: 'PublishBatch',
      [entry(1, 'Message')]: '{"id":"whs_1"}',
      [entry(2, 'Message')]: '{"id":"whs_2"}',
      [entry(2, 'MessageAttributes.entry.1.Name')]: 'purpose',
      [entry(2, 'MessageAttributes.entry.1.Value.StringValue')]: 'code',
    });
    expect(see({ whs_2: JOEL, whs_1: MARA }, request)).toMatchObject([
      { recordId: 'whs_1', head: 'PublishBatch to cards, message 1 of 2' },
      { recordId: 'whs_2', head: 'PublishBatch to cards, message 2 of 2\npurpose: code' },
    ]);
  });
});

it('a call of EventBridge shows the event', () => {
  const Entries = ['whs_1', 'whs_2'].map((id) => ({
    EventBusName: 'arn:aws:events:eu-west-1:1:event-bus/shop',
    Source: 'voucher-relay',
    DetailType: 'voucherify.a',
    Detail: `{"id":"${id}"}`,
  }));
  const headers = { ...AWS, 'x-amz-target': 'AWSEvents.PutEvents' };
  expect(
    see({ whs_1: MARA, whs_2: JOEL }, { headers, body: JSON.stringify({ Entries }) }).slice(1),
  ).toEqual([
    {
      recordId: 'whs_2',
      head: 'PutEvents to shop, message 2 of 2\nSource: voucher-relay\nDetailType: voucherify.a',
      body: '{"id":"whs_2"}',
      recordCount: 1,
    },
  ]);
});

it('a request outside of an invocation of a queue is none to a destination', () => {
  expect(
    toDestinationRequests(
      {
        functionName: 'receive',
        environmentId: 'e1',
        event: { version: '2.0' },
        request: {
          method: 'GET',
          path: '/',
          headers: {},
          body: '',
          status: 200,
          responseHeaders: {},
          responseBody: '',
          ms: 1,
        },
      },
      () => false,
    ),
  ).toEqual([]);
});
