import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../lib/fan-out/queue-messages.ts';
import {
  sign,
  SIGNATURE_HEADER,
  toSigningKey,
  verifySignature,
} from '../lib/voucherify/signature.ts';
import { readBody, LOCAL_SECRET, sample, sampleNames, withBody } from './support/samples.ts';

const rejected = sampleNames().filter((name) => sample(name).expect.httpStatus === 401);
const genuine = sampleNames().filter((name) => sample(name).expect.httpStatus === 202);

describe('the samples of events/', () => {
  it('have a valid signature, except the two that are to be rejected', () => {
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

  it.each(rejected)('%s is not signed with the local secret', (name) => {
    const event = sample(name);
    expect(event.headers[SIGNATURE_HEADER]).not.toBe(sign(readBody(event), LOCAL_SECRET));
  });

  it('can be changed and signed again by a test', () => {
    const event = withBody(sample('promotion'), '{}');
    expect(readBody(event).toString()).toBe('{}');
    expect(event.headers[SIGNATURE_HEADER]).toBe(sign('{}', LOCAL_SECRET));
  });
});

const SqsEventSchema = v.object({
  Records: v.pipe(v.array(v.object({ body: v.string() })), v.nonEmpty()),
});

describe('the batch of events/sqs-records.json', () => {
  const { Records } = v.parse(
    SqsEventSchema,
    JSON.parse(readFileSync('events/sqs-records.json', 'utf8')),
  );

  it('has records that fanOut accepts', () => {
    expect(Records.map(({ body }) => parseMessage(body).kind)).toEqual(Records.map(() => 'record'));
  });
});
