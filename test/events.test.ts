import { readFile } from 'node:fs/promises';
import type { SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { RelayRecordSchema } from '../lib/record/record.ts';
import {
  sign,
  SIGNATURE_HEADER,
  toSigningKey,
  verifySignature,
} from '../lib/voucherify/signature.ts';
import { readBody, LOCAL_SECRET, sample, sampleNames, withBody } from './support/samples.ts';

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

it('events/sqs-records.json contains records that fanOut accepts', async () => {
  const text = await readFile(new URL('../events/sqs-records.json', import.meta.url), 'utf8');
  const { Records } = JSON.parse(text) as SQSEvent;
  expect(Records.length).toBeGreaterThan(0);
  for (const { body } of Records) {
    expect(v.safeParse(RelayRecordSchema, JSON.parse(body)).issues).toBeUndefined();
  }
});
