import { describe, expect, it } from 'vitest';
import {
  toCanonicalEventName,
  SUBJECT_KEYS,
  EVENTS,
} from '../../lib/voucherify/event-catalogue.ts';

const countFromSource = (origin: string): number =>
  [...EVENTS.values()].filter((definition) => definition.source === origin).length;

describe('the catalogue of events', () => {
  it('holds the 90 events that have a name of their own; the 91st is a spelling of one of them', () => {
    expect(EVENTS.size).toBe(90);
    expect(EVENTS.has('loyalty_card.pending_points.updated')).toBe(false);
  });

  it('tells where each comes from', () => {
    expect([
      countFromSource('distribution'),
      countFromSource('project'),
      countFromSource('both'),
      countFromSource('log'),
    ]).toEqual([25, 59, 2, 4]);
  });

  it.each([...EVENTS.values()])('$event needs nothing that it does not carry', (definition) => {
    expect(definition.fields.length).toBeGreaterThan(0);
    expect(definition.fields).toEqual(expect.arrayContaining([...definition.requiredFields]));
    expect(toCanonicalEventName(definition.event)).toBe(definition.event);
  });

  it('knows what an event is about from what a distribution sends out', () => {
    expect(SUBJECT_KEYS.has('order')).toBe(true);
    expect(SUBJECT_KEYS.has('voucher')).toBe(false);
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
  ])('%s means %s', (name, event) => {
    expect(toCanonicalEventName(name)).toBe(event);
  });
});
