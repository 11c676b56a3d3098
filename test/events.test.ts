import { describe, expect, it } from 'vitest';
import {
  sign,
  SIGNATURE_HEADER,
  toSigningKey,
  verifySignature,
} from '../lib/voucherify/signature.ts';
import { readBody, LOCAL_SECRET, sample, sampleNames, withBody } from './support/samples.ts';

const refused = sampleNames().filter((name) => sample(name).expect.httpStatus === 401);
const genuine = sampleNames().filter((name) => sample(name).expect.httpStatus === 202);

describe('the samples of events/', () => {
  it('are all there', () => {
    expect(refused).toEqual(['forged-signature', 'missing-signature']);
    expect(genuine.length + refused.length).toBe(sampleNames().length);
  });

  it.each(genuine)('%s is signed with the local secret', (name) => {
    const event = sample(name);
    expect(
      verifySignature(readBody(event), event.headers[SIGNATURE_HEADER], [
        toSigningKey(LOCAL_SECRET),
      ]),
    ).toMatchObject({ valid: true });
  });

  it.each(refused)('%s is not', (name) => {
    const event = sample(name);
    expect(event.headers[SIGNATURE_HEADER]).not.toBe(sign(readBody(event), LOCAL_SECRET));
  });

  it('can be changed and signed anew by a test', () => {
    const event = withBody(sample('promotion'), '{}');
    expect(readBody(event).toString()).toBe('{}');
    expect(event.headers[SIGNATURE_HEADER]).toBe(sign('{}', LOCAL_SECRET));
  });
});
