import { describe, expect, it } from 'vitest';
import {
  codeData,
  customer,
  fromDistribution,
  fromProject,
  type Json,
  loyaltyCard,
  publication,
  voucher,
} from '../support/payloads.ts';
import { requireIssues, getPaths, requireRecord } from './to-record-result.ts';

function getCodes(event: string, data: Json): [unknown, unknown[]] {
  const { voucher: main, otherVouchers } = requireRecord(fromProject(event, data)).data;
  return [main?.code ?? null, otherVouchers.map(({ code }) => code)];
}

const card = loyaltyCard();
const prize = voucher({ id: 'v_prize', code: 'PRIZE-1' });

describe('the voucher of a record', () => {
  it.each<[string, string, Json, [unknown, unknown[]]]>([
    ['beside the customer', 'voucher.created', { voucher: voucher() }, ['QUAY-7H2K', []]],
    [
      'the first of a list',
      'publication.succeeded',
      { vouchers: [voucher(), prize] },
      ['QUAY-7H2K', ['PRIZE-1']],
    ],
    [
      'the redeemed one',
      'redemption.succeeded',
      { redemption: { voucher: prize } },
      ['PRIZE-1', []],
    ],
    [
      'once, though told twice',
      'redemption.succeeded',
      { voucher: prize, redemption: { voucher: prize } },
      ['PRIZE-1', []],
    ],
    [
      'then where points went',
      'voucher.loyalty_card.transaction.created',
      { voucher: card, destination_voucher: prize },
      ['CARD-0055', ['PRIZE-1']],
    ],
    [
      'not the reward, in an event of the card',
      'voucher.loyalty_card.transaction.created',
      { voucher: card, reward: { voucher: prize } },
      ['CARD-0055', ['PRIZE-1']],
    ],
    [
      'the published one, for a reward',
      'customer.reward_redemptions.completed',
      { voucher: card, publication: { voucher: prize } },
      ['PRIZE-1', ['CARD-0055']],
    ],
    [
      "the reward's, when none is published",
      'customer.reward_redemptions.completed',
      { voucher: card, reward: { voucher: prize } },
      ['PRIZE-1', ['CARD-0055']],
    ],
    [
      'the card that earned, when there is no other',
      'customer.rewarded',
      { voucher: card, reward: {} },
      ['CARD-0055', []],
    ],
    [
      'none, when the published one is not told',
      'customer.reward_redemptions.completed',
      { voucher: card, publication: { vouchers_id: ['v_prize'] } },
      [null, ['CARD-0055']],
    ],
  ])('is %s', (_, event, data, codes) => {
    expect(getCodes(event, data)).toEqual(codes);
  });

  it('never is the card that paid, when a distribution sends the reward', () => {
    const data = {
      ...codeData({ voucher: card }),
      publication: publication({ vouchers_id: ['v_x'] }),
    };
    const event = 'customer.reward_redemptions.completed';
    expect(getPaths(requireIssues(fromDistribution(event, data)))).toEqual(['data.voucher.code']);
  });

  it('is the long form of the publication, which has the pictures', () => {
    const assets = { qr: { id: 'a', url: 'https://img.example/q' }, barcode: null };
    const { data } = requireRecord(
      fromDistribution('customer.publication.succeeded', {
        customer: customer(),
        voucher: voucher(),
        publication: publication({ voucher: voucher({ assets, expiration_date: 'never' }) }),
      }),
    );
    expect(data.voucher?.assets).toEqual({ ...assets });
    expect(data.otherVouchers).toEqual([]);
    expect(getPaths(data.warnings)).toEqual(['data.publication.voucher.expiration_date']);
    expect(data.unmapped).toMatchObject({ data: { voucher: voucher() } });
  });

  it('is the one beside a short form in the publication', () => {
    const body = codeData({ publication: publication({ voucher: { code: 'QUAY-7H2K' } }) });
    expect(requireRecord(body).data).toMatchObject({
      voucher: { id: 'v_quay5a' },
      unmapped: { publication: { voucher: { code: 'QUAY-7H2K' } } },
    });
  });

  it('does not lose an odd voucher among the others', () => {
    const { data } = requireRecord(
      codeData({ redemption: { voucher: { code: 'ODD-1', discount: 4 } } }),
    );
    expect(data.otherVouchers).toMatchObject([{ code: 'ODD-1', kind: null, value: null }]);
    expect(data.unmapped).toMatchObject({
      redemption: { voucher: { code: 'ODD-1', discount: 4 } },
    });
  });
});

describe('the customer of a record', () => {
  it.each<[string, Json]>([
    ['holder', { holder: customer() }],
    ['redemption', { redemption: { customer: customer() } }],
    ['order', { order: { customer: customer() } }],
    ['holder, when the customer is not named', { customer: {}, holder: customer() }],
  ])('may stand in %s', (_, data) => {
    expect(requireRecord(fromProject('redemption.succeeded', data)).subject).toBe('cust_mara1');
  });

  it('is never the holder of an assignment, which is another thing', () => {
    const holder = { id: 'rh_1', object: 'redeemable_holder' };
    const { data } = requireRecord(fromProject('customer.holder.assignment.created', { holder }));
    expect(data.customer).toBeNull();
    expect(data.unmapped).toMatchObject({ data: { holder } });
  });
});

describe('objects that do not agree', () => {
  it('are handed on with warnings', () => {
    const { data } = requireRecord(
      codeData({
        voucher: voucher({ campaign_id: 'camp_other' }),
        publication: publication({ customer_id: 'cust_other', vouchers_id: ['v_other'] }),
      }),
    );
    expect(getPaths(data.warnings)).toEqual(['voucher.campaign_id', 'customer.id', 'voucher.id']);
  });

  it('are warned about where something else than an object stands', () => {
    const { data } = requireRecord(codeData({ campaign: 'Quay week' }));
    expect(data.campaign).toBeNull();
    expect(data.unmapped).toMatchObject({ campaign: 'Quay week' });
    expect(getPaths(data.warnings)).toEqual(['campaign']);
  });
});
