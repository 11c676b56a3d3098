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
  RECEIVED_AT,
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
    ['data.voucher', 'voucher.created', { voucher: voucher() }, ['QUAY-7H2K', []]],
    [
      'the first of vouchers',
      'publication.succeeded',
      { vouchers: [voucher(), prize] },
      ['QUAY-7H2K', ['PRIZE-1']],
    ],
    [
      'the one that was redeemed',
      'redemption.succeeded',
      { redemption: { voucher: prize } },
      ['PRIZE-1', []],
    ],
    [
      'not repeated when it is in two places',
      'redemption.succeeded',
      { voucher: prize, redemption: { voucher: prize } },
      ['PRIZE-1', []],
    ],
    [
      'the card, followed by the voucher that got its points',
      'voucher.loyalty_card.transaction.created',
      { voucher: card, destination_voucher: prize },
      ['CARD-0055', ['PRIZE-1']],
    ],
    [
      'not the reward in an event of the card',
      'voucher.loyalty_card.transaction.created',
      { voucher: card, reward: { voucher: prize } },
      ['CARD-0055', ['PRIZE-1']],
    ],
    [
      'the published one in a reward event',
      'customer.reward_redemptions.completed',
      { voucher: card, publication: { voucher: prize } },
      ['PRIZE-1', ['CARD-0055']],
    ],
    [
      "the reward's when none is published",
      'customer.reward_redemptions.completed',
      { voucher: card, reward: { voucher: prize } },
      ['PRIZE-1', ['CARD-0055']],
    ],
    [
      'the card that earned when there is no other',
      'customer.rewarded',
      { voucher: card, reward: {} },
      ['CARD-0055', []],
    ],
    [
      'null when the published one is not in the webhook',
      'customer.reward_redemptions.completed',
      { voucher: card, publication: { vouchers_id: ['v_prize'] } },
      [null, ['CARD-0055']],
    ],
  ])('is %s', (_, event, data, codes) => {
    expect(getCodes(event, data)).toEqual(codes);
  });

  it('is never the card that paid when a distribution sends the reward', () => {
    const data = {
      ...codeData({ voucher: card }),
      publication: publication({ vouchers_id: ['v_x'] }),
    };
    const event = 'customer.reward_redemptions.completed';
    expect(getPaths(requireIssues(fromDistribution(event, data)))).toEqual(['data.voucher.code']);
  });

  it('is the long form in the publication, which has the images', () => {
    const assets = { qr: { id: 'a', url: 'https://img.example/q' }, barcode: null };
    const { data } = requireRecord(
      fromDistribution('customer.publication.succeeded', {
        customer: customer(),
        voucher: voucher(),
        publication: publication({ voucher: voucher({ assets, start_date: 'soon' }) }),
      }),
    );
    expect(data.voucher?.assets).toEqual({ ...assets });
    expect(data.otherVouchers).toEqual([]);
    expect(getPaths(data.warnings)).toEqual(['data.publication.voucher.start_date']);
    expect(data.unmapped).toMatchObject({ data: { voucher: voucher() } });
  });

  it('is data.voucher when the publication has the short form', () => {
    const body = codeData({ publication: publication({ voucher: { code: 'QUAY-7H2K' } }) });
    expect(requireRecord(body).data).toMatchObject({
      voucher: { id: 'v_quay5a' },
      unmapped: { publication: { voucher: { code: 'QUAY-7H2K' } } },
    });
  });

  it('does not lose an invalid voucher among the others', () => {
    const { data } = requireRecord(
      codeData({ redemption: { voucher: { code: 'INVALID-1', discount: 4 } } }),
    );
    expect(data.otherVouchers).toMatchObject([{ code: 'INVALID-1', kind: null, value: null }]);
    expect(data.unmapped).toMatchObject({
      redemption: { voucher: { code: 'INVALID-1', discount: 4 } },
    });
  });
});

describe('the customer of a record', () => {
  it.each<[string, Json]>([
    ['holder', { holder: customer() }],
    ['redemption', { redemption: { customer: customer() } }],
    ['order', { order: { customer: customer() } }],
    ['holder when the customer has no id', { customer: {}, holder: customer() }],
  ])('can be in %s', (_, data) => {
    expect(requireRecord(fromProject('redemption.succeeded', data)).subject).toBe('cust_mara1');
  });

  it('is never the holder of an assignment, which is not a customer', () => {
    const holder = { id: 'rh_1', object: 'redeemable_holder' };
    const { data } = requireRecord(fromProject('customer.holder.assignment.created', { holder }));
    expect(data.customer).toBeNull();
    expect(data.unmapped).toMatchObject({ data: { holder } });
  });
});

describe('the only voucher of a reward', () => {
  it.each<[string, unknown, boolean]>([
    ['names no voucher', [], false],
    ['has no list', null, false],
    ['names this voucher', ['v_quay5a'], false],
    ['names this voucher and another', ['v_x', 'v_quay5a'], false],
    ['names another voucher', ['v_x'], true],
  ])('is what paid for it, when the publication %s: %j, %s', (_, ids, isPayment) => {
    const { data } = requireRecord(
      fromProject('customer.reward_redemptions.completed', {
        voucher: voucher(),
        publication: publication({ vouchers_id: ids }),
      }),
    );
    expect(data.voucher === null).toBe(isPayment);
    expect(data.otherVouchers).toHaveLength(isPayment ? 1 : 0);
  });
});

describe('objects that contradict each other', () => {
  it.each<[string, Json, Json, string[]]>([
    ['the same ids', {}, {}, []],
    ['no ids', { campaign_id: null, id: null }, { customer_id: null, vouchers_id: null }, []],
    ['no ids in an empty list', {}, { vouchers_id: [] }, []],
    ['another campaign', { campaign_id: 'camp_other' }, {}, ['voucher.campaign_id']],
    ['another customer', {}, { customer_id: 'cust_other' }, ['customer.id']],
    ['another voucher', {}, { vouchers_id: ['v_other'] }, ['voucher.id']],
    ['this voucher among others', {}, { vouchers_id: ['v_other', 'v_quay5a'] }, []],
    ['a start just now', { start_date: RECEIVED_AT }, {}, []],
    ['a later start', { start_date: '2026-05-04T10:00:00.001Z' }, {}, ['voucher.start_date']],
  ])('have a warning each: %s', (_, voucherChanges, publicationChanges, paths) => {
    const { data } = requireRecord(
      codeData({
        voucher: voucher(voucherChanges),
        publication: publication(publicationChanges),
      }),
    );
    expect(getPaths(data.warnings)).toEqual(paths);
  });

  it('are in the record as sent, with warnings', () => {
    const { data } = requireRecord(
      codeData({
        voucher: voucher({ campaign_id: 'camp_other' }),
        publication: publication({ customer_id: 'cust_other', vouchers_id: ['v_other'] }),
      }),
    );
    expect(getPaths(data.warnings)).toEqual(['voucher.campaign_id', 'customer.id', 'voucher.id']);
  });

  it('give a warning where a value is not an object', () => {
    const { data } = requireRecord(codeData({ campaign: 'Quay week' }));
    expect(data.campaign).toBeNull();
    expect(data.unmapped).toMatchObject({ campaign: 'Quay week' });
    expect(getPaths(data.warnings)).toEqual(['campaign']);
  });
});
