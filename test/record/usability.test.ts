import { describe, expect, it } from 'vitest';
import { findUnusableReasons } from '../../lib/record/usability.ts';
import { codeData, giftCard, type Json, publication, voucher } from '../support/payloads.ts';
import { getPaths, requireRecord } from '../normalise/to-record-result.ts';

function getUnusableReasons(changes: Json, publicationChanges: Json = {}): unknown {
  const body = codeData({
    voucher: voucher(changes),
    publication: publication(publicationChanges),
  });
  return requireRecord(body).data.voucher?.unusableReasons;
}

describe('a voucher can be used', () => {
  it.each<[string, Json]>([
    ['when nothing speaks against it', {}],
    ['when it is not said whether it is active', { active: null }],
    ['without a limit', { redemption: { quantity: null, redeemed_quantity: 900 } }],
    ['when it is not known how often it was used', { redemption: { quantity: 1 } }],
    ['until the second before it expires', { expiration_date: '2026-05-04T10:00:00.001Z' }],
    ['on the last day, when only the day is given', { expiration_date: '2026-05-04' }],
    ['before it starts, since codes are mailed before', { start_date: '2026-06-01T00:00:00Z' }],
  ])('%s', (_, changes) => {
    expect(getUnusableReasons(changes)).toEqual([]);
  });

  it.each<[string, Json, string[]]>([
    ['inactive', { active: false }, ['inactive']],
    ['expired', { expiration_date: '2026-05-04T10:00:00.000Z' }, ['expired']],
    ['expired in another zone', { expiration_date: '2026-05-04T11:59:00+02:00' }, ['expired']],
    ['expired the day before', { expiration_date: '2026-05-03' }, ['expired']],
    ['used up', { redemption: { quantity: 2, redeemed_quantity: 2 } }, ['used_up']],
    ['used more than allowed', { redemption: { quantity: 2, redeemed_quantity: 5 } }, ['used_up']],
    [
      'all at once',
      {
        active: false,
        expiration_date: '2020-01-01T00:00:00Z',
        redemption: { quantity: 0, redeemed_quantity: 0 },
      },
      ['inactive', 'expired', 'used_up'],
    ],
  ])('not when it is %s', (_, changes, reasons) => {
    expect(getUnusableReasons(changes)).toEqual(reasons);
    expect(requireRecord(codeData({ voucher: voucher(changes) })).data.voucher?.usable).toBe(false);
  });

  it.each([
    ['SUCCESS', []],
    ['success', []],
    [null, []],
    ['FAILURE', ['publication_failed']],
    ['PENDING', ['publication_failed']],
  ])('as far as the publication came out well: %s', (result, reasons) => {
    expect(getUnusableReasons({}, { result })).toEqual(reasons);
  });

  it('not when everything on a gift card is spent; an empty card never loaded may be loaded yet', () => {
    const reasonsForCard = (gift: Json): unknown =>
      requireRecord(codeData({ voucher: giftCard({ gift }) })).data.voucher?.unusableReasons;
    expect(reasonsForCard({ amount: 5000, balance: 0 })).toEqual(['used_up']);
    expect(reasonsForCard({ amount: 0, balance: 0 })).toEqual([]);
  });

  it('is judged again with another time', () => {
    const { data } = requireRecord(codeData());
    if (data.voucher === null) throw new Error('no voucher');
    expect(findUnusableReasons(data.voucher, data.publication, '2026-05-04T10:00:00Z')).toEqual([]);
    expect(findUnusableReasons(data.voucher, data.publication, '2026-09-01T00:00:00Z')).toEqual([
      'expired',
    ]);
  });

  it('is warned about when it has not started', () => {
    const { data } = requireRecord(codeData({ voucher: voucher({ start_date: '2026-05-05' }) }));
    expect(getPaths(data.warnings)).toEqual(['voucher.start_date']);
  });
});
