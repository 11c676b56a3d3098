import { describe, expect, it } from 'vitest';
import {
  toCanonicalEventName,
  SUBJECT_KEYS,
  EVENTS,
} from '../../lib/voucherify/event-catalogue.ts';

const countFromSource = (sender: string): number =>
  [...EVENTS.values()].filter((definition) => definition.source === sender).length;

describe('the event catalogue', () => {
  it('has 90 events; the 91st documented name is an alias of one of them', () => {
    expect(EVENTS.size).toBe(90);
    expect(EVENTS.has('loyalty_card.pending_points.updated')).toBe(false);
  });

  it('says what sends each event', () => {
    expect([
      countFromSource('distribution'),
      countFromSource('project'),
      countFromSource('both'),
      countFromSource('log'),
    ]).toEqual([25, 59, 2, 4]);
  });

  it.each([...EVENTS.values()])('$event requires only fields that it has', (definition) => {
    expect(definition.fields.length).toBeGreaterThan(0);
    expect(definition.fields).toEqual(expect.arrayContaining([...definition.requiredFields]));
    expect(toCanonicalEventName(definition.event)).toBe(definition.event);
  });

  it('separates what an event is about from what a distribution sends', () => {
    expect(SUBJECT_KEYS.has('order')).toBe(true);
    expect(SUBJECT_KEYS.has('voucher')).toBe(false);
  });
});

describe('toCanonicalEventName', () => {
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
  ])('turns %s into %s', (name, event) => {
    expect(toCanonicalEventName(name)).toBe(event);
  });
});
