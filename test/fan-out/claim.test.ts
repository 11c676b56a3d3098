import { describe, expect, it } from 'vitest';
import { toDeliveryKey, toBusinessKey } from '../../lib/fan-out/claim.ts';

describe('the keys of claims', () => {
  it('stay within what a key of DynamoDB may be, for the longest ids', () => {
    const claim = toDeliveryKey('漢'.repeat(512), 'd'.repeat(64));
    expect(Buffer.byteLength(claim.key)).toBeLessThanOrEqual(2_048);
  });

  it('do not mix deliveries with keys of the business', () => {
    expect(toDeliveryKey('pub_1', 'crm').key).not.toBe(toBusinessKey('pub_1', 'crm').key);
    expect(toBusinessKey('pub_1', 'crm').key).not.toBe(toBusinessKey('pub_1', 'sms').key);
    expect(toBusinessKey('pub_1', 'crm').key).not.toBe(toBusinessKey('pub_2', 'crm').key);
  });
});
