import { readFile } from 'node:fs/promises';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../lib/fan-out/queue-messages.ts';
import { toGroupId } from '../lib/record/group-id.ts';
import {
  sign,
  SIGNATURE_HEADER,
  toSigningKey,
  verifySignature,
} from '../lib/voucherify/signature.ts';
import { readBody, LOCAL_SECRET, sample, sampleNames, withBody } from './support/samples.ts';

const QUEUE_ARN_PREFIX = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-local-';

const rejected = sampleNames().filter((name) => sample(name).expect.httpStatus === 401);
const genuine = sampleNames().filter((name) => sample(name).expect.httpStatus === 202);

describe('the samples in events/', () => {
  it('are accepted, or rejected for their signature', () => {
    expect(rejected).toEqual(['forged-signature', 'missing-signature']);
    expect(genuine.length + rejected.length).toBe(sampleNames().length);
  });

  it.each(genuine)('%s is signed with the local secret', (name) => {
    const event = sample(name);
    expect(
      verifySignature(readBody(event), event.headers[SIGNATURE_HEADER], [
        toSigningKey(LOCAL_SECRET),
      ]),
    ).toMatchObject({ valid: true });
  });

  it.each(rejected)('%s has no valid signature', (name) => {
    const event = sample(name);
    expect(event.headers[SIGNATURE_HEADER]).not.toBe(sign(readBody(event), LOCAL_SECRET));
  });

  it('can be changed and signed again by a test', () => {
    const event = withBody(sample('promotion'), '{}');
    expect(readBody(event).toString()).toBe('{}');
    expect(event.headers[SIGNATURE_HEADER]).toBe(sign('{}', LOCAL_SECRET));
  });
});

describe('the events of SQS in events/', () => {
  async function readRecords(file: string): Promise<SQSEvent['Records']> {
    const text = await readFile(new URL(`../events/${file}`, import.meta.url), 'utf8');
    const { Records } = JSON.parse(text) as SQSEvent;
    expect(Records.length).toBeGreaterThan(0);
    return Records;
  }

  it('sqs-records.json is a batch of [records] that fanOut accepts', async () => {
    for (const { body, eventSourceARN, attributes } of await readRecords('sqs-records.json')) {
      const message = parseMessage(body);
      const record = message.kind === 'record' ? message.record : undefined;
      expect(message.kind).toBe('record');
      expect(attributes.MessageGroupId).toBe(record && toGroupId(record));
      expect(eventSourceARN).toBe(`${QUEUE_ARN_PREFIX}records`);
    }
  });

  it('sqs-deliveries.json is a batch of the queue of a destination that fanOut accepts', async () => {
    for (const { body, eventSourceARN, attributes } of await readRecords('sqs-deliveries.json')) {
      const message = parseMessage(body);
      const delivery = message.kind === 'delivery' ? message.delivery : undefined;
      expect(delivery?.destination).toBe('http');
      expect(attributes.MessageGroupId).toBe(delivery && toGroupId(delivery.record));
      expect(eventSourceARN).toBe(`${QUEUE_ARN_PREFIX}to-http`);
    }
  });
});
