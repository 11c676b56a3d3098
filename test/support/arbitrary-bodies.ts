import fc from 'fast-check';
import { listLeaves } from '../conformance/find-lost-values.ts';
import { EVENTS } from '../../lib/voucherify/event-catalogue.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import {
  codeData,
  customer,
  dataCarrying,
  fromDistribution,
  fromProject,
  giftCard,
  type Json,
  legacy,
  loyaltyCard,
  promotionData,
  publication,
} from './payloads.ts';
import {
  benefitResult,
  card,
  COMPOSITE_SOURCE,
  digitalResult,
  fromWorkflow,
  inTrigger,
  member,
  program,
  transaction,
} from './workflow-payloads.ts';

/** Keys that many programs mishandle, and Voucherify's own keys in wrong places. */
const key = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length'),
  fc.constantFrom('id', 'code', 'metadata', 'voucher', 'customer', 'discount', 'units', 'object'),
);

/** Any JSON value, created by JSON.parse, so that keys like `__proto__` are own keys. */
export const anyJson: fc.Arbitrary<unknown> = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(
        fc.constantFrom(null, true, false, '', ' ', 0, -1, 1e21, '12', '-3.5', '1e400'),
        fc.constantFrom('2026-05-04', '2026-05-04T10: 00: 00Z', 'UNIT', 'PERCENT', 'GIFT_VOUCHER'),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: 'binary' }),
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(toObject),
    ),
  }))
  .value.map((value): unknown => JSON.parse(JSON.stringify(value)));

/** Creates an object from entries; unlike an assignment, this creates an own key `__proto__`. */
function toObject(entries: readonly (readonly [string, unknown])[]): Json {
  return Object.fromEntries(entries);
}

/** Returns a body with another value at a path. */
export function setAt(body: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...further] = path;
  if (step === undefined) return value;
  if (Array.isArray(body)) {
    return body.map((item: unknown, index) =>
      String(index) === step ? setAt(item, further, value) : item,
    );
  }
  const entries = isJsonObject(body) ? Object.entries(body) : [];
  const existing = entries.find(([name]) => name === step)?.[1];
  const others = entries.filter(([name]) => name !== step);
  return Object.fromEntries([...others, [step, setAt(existing, further, value)]]);
}

/** Returns every path of a body: of values, objects and lists. */
export function listPaths(body: unknown): readonly (readonly string[])[] {
  const all = new Map<string, readonly string[]>();
  for (const { path } of listLeaves(body)) {
    for (let length = 1; length <= path.length; length += 1) {
      all.set(JSON.stringify(path.slice(0, length)), path.slice(0, length));
    }
  }
  return [...all.values()];
}

const WORKFLOW_EXAMPLES: readonly (readonly [string, Json])[] = [
  ['POINTS_EARNED', transaction('POINTS_EARNED', { points: { total: 40, expiration_date: null } })],
  ['ADMIN_DEBIT', transaction('ADMIN_DEBIT', { points: { total: -15 } })],
  ['PURCHASE', transaction('PURCHASE', { points: { total: 90 }, ...digitalResult() })],
  ['FULFILLMENT', transaction('FULFILLMENT', benefitResult())],
  ['UPGRADED', transaction('UPGRADED', { points: 900, tier_from: null, tier_to: 'lt_q17' })],
  ['vl.member.created', { member: member(), program: program() }],
  ['vl.card.created', { card: card(), program: program() }],
];

/** Valid bodies of every format and every type of voucher. */
export const VALID_BODIES: readonly Json[] = [
  ...[codeData(), promotionData(), codeData({ voucher: giftCard() })].flatMap((data) => [
    fromDistribution('manual_distribution_schedule', data),
    data,
  ]),
  fromDistribution('customer.publication.succeeded', {
    ...codeData({ publication: publication({ voucher: loyaltyCard() }) }),
  }),
  fromProject('voucher.published', codeData()),
  publication({ customer: customer(), voucher: loyaltyCard() }),
  legacy(),
  ...[...EVENTS.values()].map((row) => fromDistribution(row.event, dataCarrying(row.fields))),
  ...WORKFLOW_EXAMPLES.flatMap(([event, data]) => [
    fromWorkflow(event, inTrigger(event, data)),
    fromWorkflow(event, data, { source: COMPOSITE_SOURCE }),
  ]),
  fromDistribution('lamp.lit', codeData(), { source: { id: 'lamp_1', object: 'lamp' } }),
];

const extra = fc.tuple(fc.nat(), key, anyJson);
const replacement = fc.tuple(fc.nat(), anyJson);

/** A valid body with added keys and replaced values, anywhere. */
export const disturbedBody: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.constantFrom(...VALID_BODIES),
    fc.array(extra, { maxLength: 5 }),
    fc.array(replacement, { maxLength: 3 }),
  )
  .map(([validBody, extras, replacements]) => {
    let body: unknown = validBody;
    for (const [position, name, value] of extras) {
      const holders = listPaths(body).map((path) => path.slice(0, -1));
      body = setAt(body, [...(holders[position % holders.length] ?? []), name], value);
    }
    for (const [position, value] of replacements) {
      const all = listPaths(body);
      body = setAt(body, all[position % all.length] ?? [], value);
    }
    return body;
  });
