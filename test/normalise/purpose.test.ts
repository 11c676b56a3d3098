import { describe, expect, it } from 'vitest';
import { EVENTS } from '../../lib/voucherify/event-catalogue.ts';
import {
  campaign,
  codeData,
  customer,
  dataCarrying,
  fromDistribution,
  fromProject,
  type Json,
  legacy,
  promotionData,
  promotionTier,
  publication,
  voucher,
} from '../support/payloads.ts';
import { paths, recordOf } from './to-record-result.ts';

const rows = [...EVENTS.values()];

describe('every event of the catalogue', () => {
  it.each(rows)('$event becomes an activity, sent by the project', ({ event, from, carries }) => {
    const { type, data } = recordOf(fromProject(event, dataCarrying(carries)));
    expect(type).toBe(`voucherify.${event}`);
    expect(data.purpose).toBe('activity');
    const misplaced = paths(data.warnings).includes('event.type');
    expect(misplaced).toBe(from === 'distribution');
  });

  it.each(rows)('$event becomes a record, sent by a distribution', ({ event, from, carries }) => {
    const { type, data } = recordOf(fromDistribution(event, dataCarrying(carries)));
    expect(type).toBe(`voucherify.${event}`);
    expect(data.purpose === 'activity').toBe(
      data.customer === null && !carries.includes('publication'),
    );
    expect(paths(data.warnings).includes('event.type')).toBe(from === 'project');
  });

  const told = rows.filter(({ needs, from }) => from === 'project' && needs.length > 0);
  it.each(told)('$event is warned about without what it needs', ({ event, needs }) => {
    const { warnings } = recordOf(fromProject(event, {})).data;
    expect(paths(warnings)).toEqual(needs.map((key) => `data.${key}`));
  });
});

const sent = { campaign: campaign(), voucher: voucher(), publication: publication() };
const tier = { campaign: campaign(), promotion_tier: promotionTier() };
const person = { customer: customer() };

describe('the purpose of what a distribution sends', () => {
  it.each<[string, string, Json]>([
    ['code', 'manual_distribution_schedule', codeData()],
    ['promotion', 'manual_distribution_schedule', promotionData()],
    ['code', 'customer.publication.succeeded', { ...person, ...sent }],
    ['code', 'customer.segment.entered', { ...person, segment: {}, ...sent }],
    ['code', 'customer.segment.entered', { ...person, segment: {}, voucher: voucher() }],
    ['promotion', 'customer.segment.left', { ...person, segment: {}, ...tier }],
    ['message', 'customer.segment.left', { ...person, segment: {} }],
    ['promotion', 'customer.order.paid', { ...person, order: {}, redemption: {}, ...tier }],
    ['code', 'customer.custom_event', { ...person, event: {}, ...sent }],
    ['message', 'customer.redemption.succeeded', { ...person, voucher: voucher(), ...tier }],
    ['message', 'customer.voucher.gift.balance_added', { ...person, voucher: voucher() }],
    ['code', 'customer.rewarded.loyalty_points', { ...person, ...sent }],
    ['message', 'customer.loyalty.tier.joined', person],
    ['code', 'customer.something.new', { ...person, ...sent }],
    ['code', 'customer.something.new', { ...person, voucher: voucher() }],
    ['message', 'customer.something.new', { ...person, voucher: voucher(), redemption: {} }],
    ['promotion', 'customer.something.new', { ...person, ...tier }],
    ['message', 'customer.something.new', person],
    ['activity', 'something.new', { thing: { id: 1 } }],
    ['activity', 'something.new', { voucher: voucher() }],
  ])('is %s for %s', (purpose, event, data) => {
    expect(recordOf(fromDistribution(event, data)).data.purpose).toBe(purpose);
  });

  it.each<[string, string, Json]>([
    ['code', 'manual_distribution_schedule', codeData()],
    ['promotion', 'manual_distribution_schedule', promotionData()],
    ['code', 'customer.publication.succeeded', { ...person, ...sent }],
    ['code', 'unknown', { ...person, voucher: voucher() }],
    ['promotion', 'unknown', { ...person, ...tier }],
    ['message', 'unknown', { ...person, voucher: voucher(), redemption: {} }],
    ['code', 'unknown', { ...person, ...sent, reward_redemption: {} }],
    ['activity', 'unknown', { campaign: campaign() }],
  ])('is %s for bare data that tells of %s', (purpose, event, data) => {
    const record = recordOf(data);
    expect(record.type).toBe(`voucherify.${event}`);
    expect(record.data.purpose).toBe(purpose);
  });

  it('is a code for a publication alone, its voucher in the short form', () => {
    const short = { code: 'QUAY-1', object: 'voucher', campaign: 'Quay week', gift: { amount: 5 } };
    const record = recordOf(publication({ voucher: short, customer: customer() }));
    expect(record).toMatchObject({
      type: 'voucherify.customer.publication.succeeded',
      subject: 'cust_mara1',
      time: '2026-05-04T09:59:57.301Z',
      data: {
        purpose: 'code',
        voucher: { code: 'QUAY-1', kind: 'gift', campaignName: 'Quay week' },
        publication: { id: 'pub_quay9' },
        rest: { object: 'publication', voucher: { object: 'voucher' } },
      },
    });
  });

  it('of an envelope of 2018 is activity, with a warning and everything in rest', () => {
    const body = legacy();
    const record = recordOf(body);
    expect(record).toMatchObject({
      id: 'whs_old1',
      type: 'voucherify.voucher.published',
      time: '2019-02-03T04:05:06Z',
      source: '/voucherify/proj_Quay',
      data: { purpose: 'activity', voucher: null, rest: { data: body['data'], id: 'ev_old1' } },
    });
    expect(paths(record.data.warnings)).toEqual(['object']);
  });

  it('is warned about for an event that is not known', () => {
    const { data } = recordOf(fromDistribution('customer.something.new', person));
    expect(paths(data.warnings)).toEqual(['event.type']);
  });
});
