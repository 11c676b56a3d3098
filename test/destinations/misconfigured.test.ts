import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Destination } from '../../lib/destinations/destination.ts';
import { createEventBridgeDestination } from '../../lib/destinations/eventbridge.ts';
import { createHttpDestination } from '../../lib/destinations/http-destination.ts';
import { createSnsDestination } from '../../lib/destinations/sns.ts';
import { createSqsDestination } from '../../lib/destinations/sqs.ts';
import { createEventBridgeClient } from '../../lib/platform/eventbridge.ts';
import { createSnsClient } from '../../lib/platform/sns.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import { aRecord } from '../support/a-record.ts';
import { aDelivery, createTestFanOut, NOW } from '../support/fan-out.ts';

const name = 'crm';
const toHttp = (url: string, more: { allowInsecureHttp?: true } = {}) =>
  createHttpDestination({ name, url, ...more });
const toQueue = (queueUrl: string) =>
  createSqsDestination({ name, client: createSqsClient(), queueUrl });
const toTopic = (topicArn: string) =>
  createSnsDestination({ name, client: createSnsClient(), topicArn });
const toBus = (busName: string) =>
  createEventBridgeDestination({ name, client: createEventBridgeClient(), busName });

const FAULTS: readonly (readonly [Destination, string])[] = [
  [toHttp('crm.example.test/hook'), 'has a url that is not a URL'],
  [toHttp(''), 'has a url that is not a URL'],
  [toHttp('undefined'), 'has a url that is not a URL'],
  [toHttp('https://'), 'has a url that is not a URL'],
  [toHttp('crm.example.test', { allowInsecureHttp: true }), 'has a url that is not a URL'],
  [toHttp('http://crm.example.test/hook'), 'has a url that does not begin with https://'],
  [toHttp('ftp://crm.example.test/hook'), 'has a url that does not begin with https://'],
  [toHttp('file:///x', { allowInsecureHttp: true }), 'has a url that does not begin with https://'],
  [toQueue('orders'), 'has a queue URL that is not a URL'],
  [toQueue(''), 'has a queue URL that is not a URL'],
  [toTopic('orders'), 'has a topic ARN that does not begin with arn:'],
  [toBus(''), 'has a bus that is neither a name nor an ARN'],
  [
    toBus('arn:aws:sns:eu-west-1:111122223333:orders'),
    'has a bus that is neither a name nor an ARN',
  ],
];

afterEach(() => {
  vi.useRealTimers();
});

describe('a destination whose address is not valid', () => {
  it.each(FAULTS)('waits with an alarm instead of throwing: %#', async (destination, fault) => {
    expect(destination.fault).toBe(fault);
    expect(destination.name).toBe(name);
    const signal = AbortSignal.timeout(1_000);
    expect(await destination.deliver(aRecord(), { now: new Date(), signal })).toMatchObject({
      kind: 'retry',
      reason: 'misconfigured',
      alert: 'destination_misconfigured',
      maybeDelivered: false,
    });
  });

  it.each([
    toHttp('https://crm.example.test/hook?api=1'),
    toHttp('http://127.0.0.1:4000/hook'),
    toHttp('http://[::1]:4000/hook'),
    toHttp('http://crm.internal.example/hook', { allowInsecureHttp: true }),
    toQueue('https://sqs.eu-west-1.amazonaws.com/000000000000/orders'),
    toTopic('arn:aws-cn:sns:cn-north-1:111122223333:orders.fifo'),
    toBus('default'),
    toBus('arn:aws:events:eu-west-1:111122223333:event-bus/shop/orders'),
  ])('is no other one: %#', (destination) => {
    expect(destination.fault).toBeUndefined();
  });

  it('stops no other destination, and is reported when fanOut starts', async () => {
    const misconfigured = toHttp('crm.example.test/hook');
    const delivered: string[] = [];
    const mail: Destination = {
      ...toHttp('https://mail.example.test/hook'),
      name: 'mail',
      id: 'mail',
      deliver: async ({ id }) => {
        delivered.push(id);
        return { kind: 'delivered', status: 204 };
      },
    };
    vi.useFakeTimers({ now: NOW });
    const record = aRecord();
    const { deliver, telemetry, hidden, deadLetters } = createTestFanOut([misconfigured, mail]);
    expect(telemetry.errors).toEqual([
      {
        code: 'destination_misconfigured',
        destination: 'crm',
        issues: [
          "'crm' has a url that is not a URL; fix its declaration or the setting that it reads",
        ],
      },
    ]);

    expect(await deliver('mail', aDelivery(record, 'mail'))).toEqual([]);
    expect(await deliver('crm', aDelivery(record, 'crm'))).toEqual(['m0']);

    expect(delivered).toEqual([record.id]);
    expect(hidden).toMatchObject([{ queue: 'crm', handle: 'handle0' }]);
    expect(deadLetters).toEqual([]);
    expect(telemetry.errors.slice(1)).toMatchObject([
      { code: 'destination_misconfigured', destination: 'crm', id: record.id },
    ]);
  });
});
