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

describe('a voucher is usable', () => {
  it.each<[string, Json]>([
    ['when it is active, has started and has uses left', {}],
    ['when active is null', { active: null }],
    ['when it has no limit', { redemption: { quantity: null, redeemed_quantity: 900 } }],
    ['when the number of redemptions is unknown', { redemption: { quantity: 1 } }],
    ['until just before it expires', { expiration_date: '2026-05-04T10:00:00.001Z' }],
    ['on its last day, when expiration_date is a date alone', { expiration_date: '2026-05-04' }],
    [
      'before it starts, because codes are sent before they start',
      { start_date: '2026-06-01T00:00:00Z' },
    ],
  ])('%s', (_, changes) => {
    expect(getUnusableReasons(changes)).toEqual([]);
  });

  it.each<[string, Json, string[]]>([
    ['inactive', { active: false }, ['inactive']],
    ['expired', { expiration_date: '2026-05-04T10:00:00.000Z' }, ['expired']],
    ['expired in another time zone', { expiration_date: '2026-05-04T11:59:00+02:00' }, ['expired']],
    ['expired the day before', { expiration_date: '2026-05-03' }, ['expired']],
    ['used up', { redemption: { quantity: 2, redeemed_quantity: 2 } }, ['used_up']],
    [
      'used more often than allowed',
      { redemption: { quantity: 2, redeemed_quantity: 5 } },
      ['used_up'],
    ],
    [
      'inactive, expired and used up',
      {
        active: false,
        expiration_date: '2020-01-01T00:00:00Z',
        redemption: { quantity: 0, redeemed_quantity: 0 },
      },
      ['inactive', 'expired', 'used_up'],
    ],
  ])('except when it is %s', (_, changes, reasons) => {
    expect(getUnusableReasons(changes)).toEqual(reasons);
    expect(requireRecord(codeData({ voucher: voucher(changes) })).data.voucher?.usable).toBe(false);
  });

  it.each([
    ['SUCCESS', []],
    ['success', []],
    [null, []],
    ['FAILURE', ['publication_failed']],
    ['PENDING', ['publication_failed']],
  ])('depending on the result of its publication: %s', (result, reasons) => {
    expect(getUnusableReasons({}, { result })).toEqual(reasons);
  });

  it('except when the balance of a gift card is spent; a card that was never loaded is usable', () => {
    const reasonsForCard = (gift: Json): unknown =>
      requireRecord(codeData({ voucher: giftCard({ gift }) })).data.voucher?.unusableReasons;
    expect(reasonsForCard({ amount: 5000, balance: 0 })).toEqual(['used_up']);
    expect(reasonsForCard({ amount: 0, balance: 0 })).toEqual([]);
  });

  it('or not at a later time', () => {
    const { data } = requireRecord(codeData());
    if (data.voucher === null) throw new Error('no voucher');
    expect(findUnusableReasons(data.voucher, data.publication, '2026-05-04T10:00:00Z')).toEqual([]);
    expect(findUnusableReasons(data.voucher, data.publication, '2026-09-01T00:00:00Z')).toEqual([
      'expired',
    ]);
  });

  it('with a warning when it has not started', () => {
    const { data } = requireRecord(codeData({ voucher: voucher({ start_date: '2026-05-05' }) }));
    expect(getPaths(data.warnings)).toEqual(['voucher.start_date']);
  });
});
