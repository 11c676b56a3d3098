import { describe, expect, it } from 'vitest';
import { mappings } from '../../events/fixture-mappings.ts';
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
import { getPaths, requireIssues, requireRecord } from './to-record-result.ts';

const EVENT_DEFINITIONS = [...EVENTS.values()];

describe('every event of the catalogue', () => {
  it.each(EVENT_DEFINITIONS)(
    '$event is an activity when the project sends it',
    ({ event, source, fields }) => {
      const { type, data } = requireRecord(fromProject(event, dataCarrying(fields)));
      expect(type).toBe(`voucherify.${event}`);
      expect(data.purpose).toBe('activity');
      const isInWrongEnvelope = getPaths(data.warnings).includes('event.type');
      expect(isInWrongEnvelope).toBe(source === 'distribution');
    },
  );

  it.each(EVENT_DEFINITIONS)(
    '$event becomes a record when a distribution sends it',
    ({ event, source, fields }) => {
      const { type, data } = requireRecord(fromDistribution(event, dataCarrying(fields)));
      expect(type).toBe(`voucherify.${event}`);
      expect(data.purpose === 'activity').toBe(
        data.customer === null && !fields.includes('publication'),
      );
      expect(getPaths(data.warnings).includes('event.type')).toBe(source === 'project');
    },
  );

  const WITH_REQUIRED_FIELDS = EVENT_DEFINITIONS.filter(
    ({ requiredFields, source }) => source === 'project' && requiredFields.length > 0,
  );
  it.each(WITH_REQUIRED_FIELDS)(
    '$event gives warnings without its required fields',
    ({ event, requiredFields }) => {
      const { warnings } = requireRecord(fromProject(event, {})).data;
      expect(getPaths(warnings)).toEqual(requiredFields.map((key) => `data.${key}`));
    },
  );
});

const sent = { campaign: campaign(), voucher: voucher(), publication: publication() };
const tier = { campaign: campaign(), promotion_tier: promotionTier() };
const person = { customer: customer() };

describe('the purpose of a record', () => {
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
    ['message', 'customer.something.new', { ...person, voucher: voucher(), redemption: {} }],
    ['promotion', 'customer.something.new', { ...person, ...tier }],
    ['message', 'customer.something.new', person],
    ['activity', 'something.new', { subject: { id: 1 } }],
    ['activity', 'something.new', { voucher: voucher() }],
  ])('is %s for %s of a distribution', (purpose, event, data) => {
    expect(requireRecord(fromDistribution(event, data)).data.purpose).toBe(purpose);
  });

  it.each<[string, string, Json]>([
    ['code', 'manual_distribution_schedule', codeData()],
    ['promotion', 'manual_distribution_schedule', promotionData()],
    ['code', 'customer.publication.succeeded', { ...person, ...sent }],
    ['promotion', 'unknown', { ...person, ...tier }],
    ['message', 'unknown', { ...person, voucher: voucher(), redemption: {} }],
    ['code', 'unknown', { ...person, ...sent, reward_redemption: {} }],
    ['activity', 'unknown', { campaign: campaign() }],
  ])('is %s for bare data of the event %s', (purpose, event, data) => {
    const record = requireRecord(data);
    expect(record.type).toBe(`voucherify.${event}`);
    expect(record.data.purpose).toBe(purpose);
  });

  it('is a code for a publication alone with the short form of a voucher', () => {
    const short = { code: 'QUAY-1', object: 'voucher', campaign: 'Quay week', gift: { amount: 5 } };
    const record = requireRecord(publication({ voucher: short, customer: customer() }));
    expect(record).toMatchObject({
      type: 'voucherify.customer.publication.succeeded',
      subject: 'cust_mara1',
      time: '2026-05-04T09:59:57.301Z',
      data: {
        purpose: 'code',
        voucher: { code: 'QUAY-1', kind: 'gift', campaignName: 'Quay week' },
        publication: { id: 'pub_quay9' },
        unmapped: { object: 'publication', voucher: { object: 'voucher' } },
      },
    });
  });

  it('is activity for an envelope of 2018, with a warning and the object in unmapped', () => {
    const body = legacy();
    const record = requireRecord(body);
    expect(record).toMatchObject({
      id: 'whs_old1',
      type: 'voucherify.voucher.published',
      time: '2019-02-03T04:05:06Z',
      source: '/voucherify/proj_Quay',
      data: { purpose: 'activity', voucher: null, unmapped: { data: body['data'], id: 'ev_old1' } },
    });
    expect(getPaths(record.data.warnings)).toEqual(['object']);
  });

  it('has a warning beside it for an unknown event', () => {
    const { data } = requireRecord(fromDistribution('customer.something.new', person));
    expect(getPaths(data.warnings)).toEqual(['event.type']);
  });

  it.each<[string, unknown]>([
    ['bare data', { ...person, voucher: voucher() }],
    ['bare data with a campaign', { ...person, campaign: campaign(), voucher: voucher() }],
    ['chosen fields', { customer: { email: 'mara@example.com' }, voucher: { code: 'QUAY-1' } }],
    [
      'an unknown event',
      fromDistribution('customer.something.new', { ...person, voucher: voucher() }),
    ],
  ])('is not certain for a code alone: %s. The issue names the fix', (_, body) => {
    const [issue, ...others] = requireIssues(body);
    expect(others).toEqual([]);
    expect(issue?.path).toMatch(/^(data\.)?voucher$/);
    expect(issue?.message).toContain('mapping `code`');
  });

  it.each<[string, Json]>([
    ['a code alone', { code: 'QUAY-1' }],
    ['an expiry', { code: 'QUAY-1', expiration_date: '2026-12-31T23:00:00Z' }],
    ['the name of its campaign', { code: 'QUAY-1', campaign: 'Quay week' }],
    ['a balance', { code: 'QUAY-1', gift: { balance: 5_000 } }],
  ])('is a code at the address of the mapping code, with %s', (_, sentVoucher) => {
    const body = { customer: { email: 'mara@example.com' }, voucher: sentVoucher };
    for (const whole of [body, fromDistribution('customer.segment.entered', body)]) {
      const { data } = requireRecord(whole, { mapping: mappings.get('code') ?? null });
      expect(data).toMatchObject({
        purpose: 'code',
        customer: { email: 'mara@example.com' },
        voucher: { code: 'QUAY-1', usable: true },
      });
    }
  });

  it.each<[string, unknown]>([
    ['no voucher', { customer: { email: 'mara@example.com' } }],
    ['no customer', { voucher: { code: 'QUAY-1' } }],
    ['a customer without an id', { customer: {}, voucher: { code: 'QUAY-1' } }],
    ['no code', { customer: { email: 'mara@example.com' }, voucher: {} }],
    ['a voucher that is a text', { customer: { email: 'mara@example.com' }, voucher: 'QUAY-1' }],
  ])('needs customer and code there, too: %s', (_, body) => {
    expect(requireIssues(body, { mapping: mappings.get('code') ?? null })).not.toEqual([]);
  });

  it('is a code for chosen fields in the envelope of an event that hands out codes', () => {
    const body = { customer: { email: 'mara@example.com' }, voucher: { code: 'QUAY-1' } };
    const { data } = requireRecord(fromDistribution('manual_distribution_schedule', body));
    expect(data).toMatchObject({ purpose: 'code', voucher: { value: null, usable: true } });
    expect(getPaths(data.warnings)).toContain('data.voucher.type');
  });

  it('is never a code for a redemption, however few fields were chosen', () => {
    const body = { customer: { email: 'mara@example.com' }, voucher: { code: 'QUAY-1' } };
    for (const event of [
      'customer.redemption.succeeded',
      'customer.redemption.rollback.succeeded',
    ]) {
      expect(requireRecord(fromDistribution(event, body)).data.purpose).toBe('message');
      const withPublication = fromDistribution(event, { ...body, publication: publication() });
      expect(requireRecord(withPublication).data.purpose).toBe('message');
      for (const data of [body, { ...body, redemption: { id: 'r_quay4' } }]) {
        const mapping = mappings.get('code') ?? null;
        expect(requireRecord(fromDistribution(event, data), { mapping }).data.purpose).toBe(
          'message',
        );
      }
    }
  });

  it.each(['redemption', 'redemption_rollback'])(
    'is none at the address of the mapping code for a body with a %s',
    (key) => {
      const body = { customer: customer(), voucher: voucher(), [key]: { id: 'r_quay4' } };
      const issues = requireIssues(body, { mapping: mappings.get('code') ?? null });
      expect(getPaths(issues)).toEqual([key]);
    },
  );
});
