import { describe, expect, it } from 'vitest';
import {
  signatureOf,
  SIGNATURE_HEADER,
  signingKey,
  verifySignature,
} from '../lib/voucherify/signature.ts';
import { bodyOf, LOCAL_SECRET, sample, sampleNames, withBody } from './support/samples.ts';

const refused = sampleNames().filter((name) => sample(name).expect.answer === 401);
const genuine = sampleNames().filter((name) => sample(name).expect.answer === 202);

describe('the samples of events/', () => {
  it('are all there', () => {
    expect(refused).toEqual(['forged-signature', 'missing-signature']);
    expect(genuine.length + refused.length).toBe(sampleNames().length);
  });

  it.each(genuine)('%s is signed with the local secret', (name) => {
    const event = sample(name);
    expect(
      verifySignature(bodyOf(event), event.headers[SIGNATURE_HEADER], [signingKey(LOCAL_SECRET)]),
    ).toMatchObject({ genuine: true });
  });

  it.each(refused)('%s is not', (name) => {
    const event = sample(name);
    expect(event.headers[SIGNATURE_HEADER]).not.toBe(signatureOf(bodyOf(event), LOCAL_SECRET));
  });

  it('can be changed and signed anew by a test', () => {
    const event = withBody(sample('promotion'), '{}');
    expect(bodyOf(event).toString()).toBe('{}');
    expect(event.headers[SIGNATURE_HEADER]).toBe(signatureOf('{}', LOCAL_SECRET));
  });
});
