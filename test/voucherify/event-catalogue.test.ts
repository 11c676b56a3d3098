import { describe, expect, it } from 'vitest';
import {
  toCanonicalEventName,
  SUBJECT_KEYS,
  EVENTS,
  type EventDefinition,
  WORKFLOW_EVENTS,
} from '../../lib/voucherify/event-catalogue.ts';
import { ACTIVITY_OBJECT_FIELDS, TRANSACTION_FIELDS } from '../support/workflow-fields.ts';

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

describe('the events of workflows', () => {
  const definitions = [...WORKFLOW_EVENTS.values()];
  const isTransaction = ({ requiredFields }: EventDefinition): boolean =>
    requiredFields.includes('transaction');
  const sent = definitions.filter(({ source }) => source === 'workflow');

  it('are 24 transactions, 65 activities, and one that is never sent', () => {
    expect(sent.filter(isTransaction)).toHaveLength(24);
    expect(sent.filter((each) => !isTransaction(each))).toHaveLength(65);
    expect(definitions.filter(({ source }) => source === 'never')).toEqual([
      expect.objectContaining({ event: 'vl.card_definition.deactivated' }),
    ]);
    expect(definitions).toHaveLength(90);
  });

  it('have their names as sent, in a name space of their own', () => {
    for (const [key, { event }] of WORKFLOW_EVENTS) {
      expect(key).toBe(`workflow.${event}`);
      expect(event).toMatch(/^(?:[A-Z]+(?:_[A-Z]+)*|vl\.[a-z_]+(?:\.[a-z_]+)+)$/);
      expect(EVENTS.has(event)).toBe(false);
      expect(EVENTS.has(toCanonicalEventName(event))).toBe(false);
    }
    expect([...EVENTS.keys()].filter((event) => /^(?:workflow|unknown)\./.test(event))).toEqual([]);
  });

  it('have the fields that the tests generate', () => {
    expect(new Set(sent.filter(isTransaction).map(({ event }) => event))).toEqual(
      new Set(Object.keys(TRANSACTION_FIELDS)),
    );
    const keys = definitions.filter((each) => !isTransaction(each)).flatMap(({ fields }) => fields);
    expect(new Set(keys)).toEqual(new Set(Object.keys(ACTIVITY_OBJECT_FIELDS)));
  });

  it('are about a person in 36 cases: 24 transactions, 7 of members, 5 of cards', () => {
    const personal = definitions.filter(({ event }) => /^vl\.(?:member|card)\./.test(event));
    expect(personal.filter(({ event }) => event.startsWith('vl.member.'))).toHaveLength(7);
    expect(personal.filter(({ event }) => event.startsWith('vl.card.'))).toHaveLength(5);
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
