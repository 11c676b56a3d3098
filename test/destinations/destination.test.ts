import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Destination, DestinationOptions } from '../../lib/destinations/destination.ts';
import { eventbridge } from '../../lib/destinations/eventbridge.ts';
import { http } from '../../lib/destinations/http.ts';
import { sns } from '../../lib/destinations/sns.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { aRecord } from '../support/a-record.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';

const KINDS: readonly [string, (options: DestinationOptions) => Destination][] = [
  ['http', (options) => http({ ...options, url: 'https://example.test/' })],
  ['sqs', (options) => sqs({ ...options, client: new SQSClient(LOCAL_CLIENT), queueUrl: '' })],
  ['sns', (options) => sns({ ...options, client: new SNSClient(LOCAL_CLIENT), topicArn: '' })],
  [
    'eventbridge',
    (options) =>
      eventbridge({ ...options, client: new EventBridgeClient(LOCAL_CLIENT), busName: 'merchant' }),
  ],
];

describe.each(KINDS)('a destination of the kind %s', (_kind, make) => {
  it('accepts every record except test events, has a timeout of 5 seconds and is retried, by default', () => {
    const destination = make({ name: 'crm' });
    expect(destination).toMatchObject({
      name: 'crm',
      acceptsTestEvents: false,
      timeoutMs: 5_000,
      concurrency: 50,
      onNoResponse: 'retry',
    });
    expect(destination.accepts(aRecord())).toBe(true);
    expect(destination.deduplicateBy(aRecord())).toBeNull();
  });

  it('uses the options that are set', () => {
    const options = {
      name: 'crm',
      accepts: () => false,
      deduplicateBy: () => 'key',
      acceptsTestEvents: true,
      timeoutMs: 1_000,
      concurrency: 2,
    };
    expect(make(options)).toMatchObject(options);
  });
});
