import { describe, expect, it } from 'vitest';
import { canonicalEvent, EVENT_SUBJECTS, EVENTS } from '../../lib/voucherify/event-catalogue.ts';

const from = (origin: string): number =>
  [...EVENTS.values()].filter((row) => row.from === origin).length;

describe('the catalogue of events', () => {
  it('holds the 90 events that have a name of their own; the 91st is a spelling of one of them', () => {
    expect(EVENTS.size).toBe(90);
    expect(EVENTS.has('loyalty_card.pending_points.updated')).toBe(false);
  });

  it('tells where each comes from', () => {
    expect([from('distribution'), from('project'), from('both'), from('log')]).toEqual([
      25, 59, 2, 4,
    ]);
  });

  it.each([...EVENTS.values()])('$event needs nothing that it does not carry', (row) => {
    expect(row.carries.length).toBeGreaterThan(0);
    expect(row.carries).toEqual(expect.arrayContaining([...row.needs]));
    expect(canonicalEvent(row.event)).toBe(row.event);
  });

  it('knows what an event is about from what a distribution sends out', () => {
    expect(EVENT_SUBJECTS.has('order')).toBe(true);
    expect(EVENT_SUBJECTS.has('voucher')).toBe(false);
  });
});

describe('the name of an event', () => {
  it.each([
    ['Customer.Segment.ENTERED', 'customer.segment.entered'],
    ['EVENTS.CUSTOMER.ORDER.PAID', 'customer.order.paid'],
    ['EVENTS.DISTRIBUTION.MANUAL_DISTRIBUTION_SCHEDULE', 'manual_distribution_schedule'],
    ['MANUAL_DISTRIBUTION_SCHEDULE', 'manual_distribution_schedule'],
    ['EVENTS.BUS_VAL_RULE.ASSIGNMENT.CREATED', 'business_validation_rule.assignment.created'],
    ['loyalty_card.pending_points.updated', 'customer.voucher.loyalty_card.pending_points.updated'],
    ['customer.entered.segment', 'customer.segment.entered'],
    ['campaign.vouchers.aded', 'campaign.vouchers.added'],
    ['voucher.gift.balance_aded', 'voucher.gift.balance_added'],
    [' voucher.created ', 'voucher.created'],
    ['Brand.New.Event', 'brand.new.event'],
  ])('%s means %s', (spelt, event) => {
    expect(canonicalEvent(spelt)).toBe(event);
  });
});
