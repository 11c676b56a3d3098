import fc from 'fast-check';
import { WORKFLOW_EVENTS } from '../../lib/voucherify/event-catalogue.ts';
import { anyJson } from './arbitrary-bodies.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import type { Json } from './payloads.ts';
import { fromWorkflow, inTrigger } from './workflow-payloads.ts';
import {
  ACTIVITY_OBJECT_FIELDS,
  type DocumentedField,
  parseFields,
  TRANSACTION_FIELDS,
} from './workflow-fields.ts';

const instant = fc
  .date({ min: new Date('2025-01-01'), max: new Date('2029-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const id = fc.stringMatching(/^[a-z]{2,6}_[0-9a-f]{6,12}$/);
const code = fc.stringMatching(/^[A-Z]{3,8}-[0-9A-Z]{4,8}$/);
const count = fc.oneof(fc.nat({ max: 10_000 }), fc.constantFrom(0, 0.5, 1_250.75));
const settings = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), anyJson, { maxKeys: 2 });

const COUNT_KEYS =
  /^(?:total|earned|added|purchased|purchased_reversed|subtracted|expired|spent|refunded|returned|locked|unlocked|activated|canceled|points|pending_points|points_spent|amount|balance|value|exchange_ratio|quantity|redeemed)$/;

/** Words of the kind that a field can have, known ones and others. */
const WORDS: { readonly [key: string]: readonly string[] } = {
  // often, because only these carry codes that can be used
  status: [
    'APPROVED',
    'APPROVED',
    'APPROVED',
    'PENDING',
    'PROCESSING',
    'REJECTED',
    'REFUNDED',
    'approved',
    'SIMULATED',
  ],
  result: ['DELETED', 'SKIPPED', 'CREDITS_SUBTRACTED', 'KEPT'],
};

function arbitraryValue(name: string): fc.Arbitrary<unknown> {
  if (name.endsWith('_ids')) return fc.array(id, { maxLength: 3 });
  if (name === 'id' || name.endsWith('_id') || /^tier_(?:from|to)$/.test(name)) return id;
  if (name === 'code') return code;
  if (/(?:_at|date)$/.test(name)) return instant;
  const words = WORDS[name];
  if (words !== undefined) return fc.constantFrom(...words);
  if (COUNT_KEYS.test(name)) return count;
  return fc.stringMatching(/^[A-Za-z ]{1,12}$/);
}

function arbitraryField(field: DocumentedField, known: Json): fc.Arbitrary<unknown> {
  const { name, fields, isList, isNullable } = field;
  const one = name in known ? fc.constant(known[name]) : arbitraryContent(name, fields);
  const value = isList ? fc.array(one, { maxLength: 3 }) : one;
  return isNullable ? fc.option(value, { nil: null, freq: 4 }) : value;
}

function arbitraryContent(
  name: string,
  fields: readonly DocumentedField[] | null,
): fc.Arbitrary<unknown> {
  if (fields === null) return arbitraryValue(name);
  return fields.length === 0 ? settings : arbitraryObject(fields);
}

/** An object with these fields: those that can be missing are in some, those that can be null are in some. */
function arbitraryObject(
  fields: readonly DocumentedField[],
  known: Json = {},
): fc.Arbitrary<{ [key: string]: unknown }> {
  const entries = fields.map((field) => [field.name, arbitraryField(field, known)] as const);
  const requiredKeys = fields.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
  return fc.record(Object.fromEntries(entries), { requiredKeys });
}

/** The data of an event: with its transaction, or with the objects of its activity. */
function arbitraryData(event: string, keys: readonly string[]): fc.Arbitrary<Json> {
  const fields = TRANSACTION_FIELDS[event];
  if (fields !== undefined) {
    return fc.record({ transaction: arbitraryObject(parseFields(fields), { type: event }) });
  }
  return fc.record(
    Object.fromEntries(
      keys.map((key) => [key, arbitraryObject(parseFields(ACTIVITY_OBJECT_FIELDS[key] ?? ''))]),
    ),
  );
}

/** The webhook around the data, in one of the shapes, as JSON.parse creates it. */
function toBody(event: string, data: Json, isTrigger: boolean, subjectIds: Json = {}): Json {
  const body = fromWorkflow(event, isTrigger ? inTrigger(event, data, subjectIds) : data);
  const parsed: unknown = JSON.parse(JSON.stringify(body));
  if (!isJsonObject(parsed)) throw new Error('The body is not an object');
  return { ...parsed };
}

/** The ids with which an activity says what it is about. */
const subjectIds = fc.record(
  Object.fromEntries(
    'member_id program_id card_id card_definition_id earning_rule_id reward_id'
      .split(' ')
      .map((key) => [key, id]),
  ),
  { requiredKeys: [] },
);

/** The webhook of one event, in either shape. */
function arbitraryBody(event: string, keys: readonly string[]): fc.Arbitrary<Json> {
  return fc
    .tuple(arbitraryData(event, keys), fc.boolean(), subjectIds)
    .map(([data, isTrigger, ids]) => toBody(event, data, isTrigger, ids));
}

/** A webhook of a workflow: any event that is documented. */
export const workflowBody: fc.Arbitrary<Json> = fc.oneof(
  ...[...WORKFLOW_EVENTS.values()].map(({ event, fields }) => arbitraryBody(event, fields)),
);

/** The webhook of a purchase, a refund or a benefit, the only ones with codes. */
export const workflowBodyWithResult: fc.Arbitrary<Json> = fc.oneof(
  ...['PURCHASE', 'REFUND', 'FULFILLMENT'].map((event) => arbitraryBody(event, [])),
);

const eventName = fc.oneof(
  fc.stringMatching(/^[A-Z_]{3,20}$/),
  fc.stringMatching(/^vl\.[a-z_.]{3,20}$/),
  fc.string({ minLength: 1, maxLength: 20 }),
);

/** A webhook of a workflow about an event that is not documented, with any content. */
export const unknownWorkflowBody: fc.Arbitrary<Json> = fc
  .tuple(
    eventName,
    fc.dictionary(
      fc.constantFrom('transaction', 'trigger', 'member', 'card', 'program', 'tier', 'news'),
      anyJson,
    ),
    fc.boolean(),
  )
  .map(([event, data, isTrigger]) => toBody(event, isTrigger ? { trigger: data } : data, false));
