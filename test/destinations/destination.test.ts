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

const KINDS: readonly [string, (rules: DestinationOptions) => Destination][] = [
  ['http', (rules) => http({ ...rules, url: 'https://example.test/' })],
  ['sqs', (rules) => sqs({ ...rules, client: new SQSClient(LOCAL_CLIENT), queueUrl: '' })],
  ['sns', (rules) => sns({ ...rules, client: new SNSClient(LOCAL_CLIENT), topicArn: '' })],
  [
    'eventbridge',
    (rules) =>
      eventbridge({ ...rules, client: new EventBridgeClient(LOCAL_CLIENT), busName: 'merchant' }),
  ],
];

describe.each(KINDS)('a destination of the kind %s', (_kind, make) => {
  it('wants every record but tests, has 5 seconds and is tried again, unless it says otherwise', () => {
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

  it('keeps to its own rules', () => {
    const rules = {
      name: 'crm',
      accepts: () => false,
      deduplicateBy: () => 'key',
      acceptsTestEvents: true,
      timeoutMs: 1_000,
      concurrency: 2,
    };
    expect(make(rules)).toMatchObject(rules);
  });
});
