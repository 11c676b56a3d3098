import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordDataSchema } from '../../lib/record/record.ts';
import { VoucherifyCampaignSchema } from '../../lib/voucherify/campaign.ts';
import { VoucherifyCustomerSchema } from '../../lib/voucherify/customer.ts';
import { VoucherifyDiscountSchema } from '../../lib/voucherify/discount.ts';
import { VoucherifyDistributionSchema } from '../../lib/voucherify/distribution.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import {
  VoucherifyCardSchema,
  VoucherifyMemberSchema,
  VoucherifyNextExpirationSchema,
  VoucherifyProgramSchema,
  VoucherifyTierSchema,
} from '../../lib/voucherify/loyalty-objects.ts';
import {
  VoucherifyTierTransactionSchema,
  VoucherifyTransactionSchema,
} from '../../lib/voucherify/loyalty-transaction.ts';
import { VoucherifyPromotionTierSchema } from '../../lib/voucherify/promotion-tier.ts';
import { VoucherifyPublicationSchema } from '../../lib/voucherify/publication.ts';
import { VoucherifyVoucherSchema } from '../../lib/voucherify/voucher.ts';
import {
  findLostValues,
  findRecordPaths,
  findRepeatedValues,
  type Leaf,
  listLeaves,
} from '../conformance/find-lost-values.ts';
import { setAt } from '../support/arbitrary-bodies.ts';
import { fromDistribution, fromProject, type Json, legacy } from '../support/payloads.ts';
import { listRecordLeaves, listSchemaLeaves, objectWith } from '../support/schema-leaves.ts';
import { fromWorkflow, inTrigger } from '../support/workflow-payloads.ts';
import { requireRecord } from './to-record-result.ts';

/** Every object that the record is read from: its schema, and where it can be in a webhook's data. */
const OBJECTS: readonly (readonly [schema: unknown, ...paths: string[]])[] = [
  [VoucherifyDistributionSchema, 'distribution'],
  [VoucherifyCampaignSchema, 'campaign'],
  [VoucherifyVoucherSchema, 'voucher', 'publication.voucher', 'redemption.voucher'],
  [VoucherifyPublicationSchema, 'publication'],
  [VoucherifyPromotionTierSchema, 'promotion_tier'],
  [VoucherifyCustomerSchema, 'customer', 'holder', 'order.customer'],
];
const DISCOUNTS = ['voucher.discount', 'promotion_tier.action.discount'];

/** The fields whose place depends on another field. They have tests of their own below. */
const DEPENDS_ON_TYPE = /voucher\.type$|\bdiscount\./;

/** Every field of every object: what a schema of lib/voucherify has is here by itself. */
const FIELDS = OBJECTS.flatMap(([schema, ...objectPaths]) =>
  objectPaths.flatMap((objectPath) =>
    listSchemaLeaves(schema).map(({ path, values }) => {
      const sentPath = [...objectPath.split('.'), ...path];
      return { sent: sentPath.join('.'), sentPath, values };
    }),
  ),
);
const PLAIN_FIELDS = FIELDS.filter(({ sent }) => !DEPENDS_ON_TYPE.test(sent));

/** What no single field of a webhook's data holds. */
const COMPUTED = [
  /^(?:purpose|distributionLabel|test|receivedAt|unmapped|otherVouchers|warnings)\b/,
  /^voucher\.(?:usable|unusableReasons(?:\.#)?|kind|redemptions\.left)$/,
  /\.value\.(?:form|raw|currency|(?:units\.#\.)?fallback)$/,
  /^loyalty\.(?:points\.(?:change|direction|pending)|results\.#\.(?:kind|usable)|workflow\..*)$/,
];
const isComputed = (pattern: string): boolean => COMPUTED.some((known) => known.test(pattern));

/** A path with `#` for any index. */
const toPattern = (path: readonly string[]): string =>
  path.map((key) => (/^\d+$/.test(key) ? '#' : key)).join('.');

/** The leaves of a record's objects that hold a value. */
const listFilled = (data: unknown): Leaf[] =>
  listLeaves(data).filter(
    ({ path, value }) =>
      value !== null &&
      !(Array.isArray(value) && value.length === 0) &&
      !isComputed(toPattern(path)),
  );

/** The paths of objects in the record that hold nothing but null: such an object is null itself. */
function listHollow(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const isHollow = entries.length > 0 && entries.every(([, inner]) => inner === null);
  return [
    ...(isHollow && !Array.isArray(value) ? [path.join('.')] : []),
    ...entries.flatMap(([key, inner]) => listHollow(inner, [...path, key])),
  ];
}

/** The leaves of the record that one field of the data must fill. */
const listDocumented = (sentPath: readonly string[], value: unknown): Leaf[] =>
  listLeaves(value, sentPath).flatMap((leaf) =>
    findRecordPaths(leaf.path).map((path) => ({ path, value: leaf.value })),
  );

const fromData = (data: unknown): Json => fromProject('voucher.updated', data);

describe('a field that is the only one', () => {
  it.each(PLAIN_FIELDS)('$sent is in its documented place and nowhere else', (field) => {
    for (const value of field.values) {
      const { data } = requireRecord(fromData(objectWith(field.sentPath, value)));
      expect(listFilled(data)).toEqual(listDocumented(field.sentPath, value));
      expect(listHollow(data)).toEqual([]);
      expect(data.unmapped).not.toHaveProperty('data');
    }
  });

  it.each(FIELDS)('$sent is in the record or in unmapped', ({ sentPath, values }) => {
    for (const value of values) {
      const body = fromData(objectWith(sentPath, value));
      expect(findLostValues(body, requireRecord(body))).toEqual([]);
    }
  });
});

describe('a field that is the only one to be missing', () => {
  const full = PLAIN_FIELDS.reduce<unknown>(
    (data, { sentPath, values }) => setAt(data, sentPath, values[0]),
    { voucher: { type: 'LOYALTY_CARD' }, promotion_tier: { action: { discount: {} } } },
  );
  it.each(listLeaves(full).map(({ path }) => [path.join('.'), path] as const))(
    '%s takes no other with it',
    (_, path) => {
      const body = fromData(setAt(full, path, null));
      expect(findLostValues(body, requireRecord(body))).toEqual([]);
    },
  );
});

const keysOf = (object: string): string[] =>
  ['id', 'source_id', 'name'].map((key) => `${object}.${key}`);
const UNIT = ['unit_type', 'unit_off', 'unit_off_formula', ...keysOf('product'), ...keysOf('sku')];

/** The fields of each variant of a discount, besides `effect` and `is_dynamic`. */
const VARIANTS: readonly (readonly [string, Json, readonly string[]])[] = [
  [
    'an amount',
    { type: 'AMOUNT' },
    ['amount_off', 'amount_off_formula', 'aggregated_amount_limit'],
  ],
  [
    'a percentage',
    { type: 'PERCENT' },
    ['percent_off', 'percent_off_formula', 'amount_limit', 'aggregated_amount_limit'],
  ],
  ['a fixed price', { type: 'FIXED' }, ['fixed_amount', 'fixed_amount_formula']],
  ['one unit', { type: 'UNIT' }, UNIT],
  [
    'several units',
    { type: 'UNIT', units: [] },
    [...UNIT, 'effect'].map((key) => `units.0.${key}`),
  ],
  ['free shipping', { type: 'UNIT', unit_type: 'prod_5h1pp1ng' }, []],
];

/** Says whether a discount stays of its variant with one more field. A list of units makes it another. */
const isOfVariant = (discount: Json, key: string | undefined): boolean =>
  key === 'units'
    ? 'units' in discount
    : key !== 'type' && !(key === 'unit_type' && key in discount);

const DISCOUNT_FIELDS = DISCOUNTS.flatMap((discountPath) =>
  VARIANTS.flatMap(([variant, discount, keys]) =>
    listSchemaLeaves(VoucherifyDiscountSchema)
      .filter(({ path }) => isOfVariant(discount, path[0]))
      .map(({ path, values }) => {
        const sent = `${discountPath}.${path.join('.')}`;
        const hasPlace = ['effect', 'is_dynamic', ...keys].includes(path.join('.'));
        const place = hasPlace ? 'the value' : 'unmapped';
        return { variant, discount, discountPath, sent, path, values, place };
      }),
  ),
);

describe('the only field of a discount', () => {
  it.each(DISCOUNT_FIELDS)('$sent of $variant is in $place alone', (field) => {
    const discountPath = field.discountPath.split('.');
    const sentPath = [...discountPath, ...field.path];
    for (const value of field.values) {
      const discount = { ...field.discount, ...(objectWith(field.path, value) as Json) };
      const body = fromData(setAt({}, discountPath, discount));
      const record = requireRecord(body);
      expect(findLostValues(body, record)).toEqual([]);
      expect(findRepeatedValues(body, record)).toEqual([]);
      const documented = field.place === 'unmapped' ? [] : listDocumented(sentPath, value);
      // the effect of the only unit is that of the discount
      const alsoInUnit = documented
        .filter(({ path }) => field.variant === 'one unit' && path.at(-1) === 'effect')
        .map(({ path, value: effect }) => ({
          path: [...path.slice(0, -1), 'units', '0', 'effect'],
          value: effect,
        }));
      const filled = listFilled(record.data);
      expect(new Set(filled)).toEqual(new Set([...documented, ...alsoInUnit]));
    }
  });
});

/** Every object that a workflow's record is read from: its schema, and where it is in the bare data. */
const WORKFLOW_OBJECTS: readonly (readonly [event: string, schema: unknown, path: string])[] = [
  ['PURCHASE', VoucherifyTransactionSchema, 'transaction'],
  ['UPGRADED', VoucherifyTierTransactionSchema, 'transaction'],
  ['vl.member.updated', VoucherifyMemberSchema, 'member'],
  ['vl.program.updated', VoucherifyProgramSchema, 'program'],
  ['vl.card.created', VoucherifyCardSchema, 'card'],
  ['vl.card.assigned', VoucherifyCardSchema, 'member_card.card'],
  ['vl.card.assigned', VoucherifyNextExpirationSchema, 'member_card.card.next_expiration'],
  ['vl.tier_structure.tier.created', VoucherifyTierSchema, 'tier'],
];
const WORKFLOW_FIELDS = WORKFLOW_OBJECTS.flatMap(([event, schema, objectPath]) =>
  listSchemaLeaves(schema).map(({ path, values }) => {
    const sentPath = [...objectPath.split('.'), ...path];
    return { event, sent: sentPath.join('.'), sentPath, values };
  }),
);
const findLoyaltyPatterns = (sentPath: readonly string[]): string[] =>
  findRecordPaths(sentPath, true).map((path) => path.join('.').replaceAll('*', '#'));

describe('the only field of an object of a workflow', () => {
  it.each(WORKFLOW_FIELDS)('$sent of $event is in the record or in unmapped', (field) => {
    const { event, sentPath, values } = field;
    for (const value of values) {
      const data = objectWith(sentPath, value) as Json;
      for (const shape of [data, inTrigger(event, data)]) {
        const body = fromWorkflow(event, shape);
        expect(findLostValues(body, requireRecord(body))).toEqual([]);
      }
    }
  });
});

describe('every field of the record', () => {
  it('is one that a webhook fills, or is computed', () => {
    const filled = FIELDS.flatMap(({ sentPath, values }) =>
      values.flatMap((value) => listDocumented(sentPath, value)),
    )
      .map(({ path }) => `${toPattern(path)}.`)
      .concat(
        WORKFLOW_FIELDS.flatMap(({ sentPath, values }) =>
          values
            .flatMap((value) => listLeaves(value, sentPath))
            .flatMap(({ path }) => findLoyaltyPatterns(path).map((each) => `${each}.`)),
        ),
      );
    // a promotion tier has the value of a discount, never of a card
    const ofACard =
      /^promotionTier\.value\.(?:amount|balance|points|pending|expired|subtracted|nextExpiration\b)/;
    const unfilled = listRecordLeaves(RecordDataSchema).filter(
      (pattern) => !isComputed(pattern) && !filled.some((known) => known.startsWith(`${pattern}.`)),
    );
    expect(unfilled.filter((pattern) => !ofACard.test(pattern))).toEqual([]);
  });
});

/** Values of a key of an envelope. The first one is valid. */
const ENVELOPE_VALUES: { readonly [path: string]: readonly unknown[] } = {
  id: ['whs_5d0c8812ef', null, '', ' ', 7, {}],
  webhook_id: ['whs_old1', '', ' '],
  project_id: ['proj_Quay', null, '', 'null', 4, 'half \uD83D a pair'],
  created_at: ['2026-05-04T09:59:59Z', null, '2026-05-04', '2026-05-04 09:59:59', 'soon', 5],
  type: ['voucher.published', 'Quay codes', 'VOUCHER.Published', null, '', 5, {}],
  'source.id': ['distr_quay2', null, '', 4, 'half \uD83D a pair'],
  'event.created_at': ['2026-05-04T09:59:58Z', null, '2026-05-03', '2026-05-03 01:02:03', 'now', 5],
  'event.type': ['voucher.published', 'Voucher.Published', 'events.voucher.published', 'brand.new'],
  'event.id': ['ev_1', null],
};

/** Any combination of these values of an envelope's keys; undefined leaves a key out. */
const anyEnvelope = (envelope: Json, keys: readonly string[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      ...keys.map((key) =>
        fc
          // what tells one format of a body from another stays
          .constantFrom(...(ENVELOPE_VALUES[key] ?? []), ...(REQUIRED.has(key) ? [] : [undefined]))
          .map((value) => ({ path: key.split('.'), value })),
      ),
    )
    .map((choices) =>
      choices.reduce<unknown>((body, { path, value }) => setAt(body, path, value), envelope),
    )
    .map((body): unknown => JSON.parse(JSON.stringify(body)));

const REQUIRED: ReadonlySet<string> = new Set(['webhook_id', 'event.type']);
const CURRENT_KEYS = Object.keys(ENVELOPE_VALUES).filter((key) => key !== 'webhook_id');
const ENVELOPES: readonly (readonly [string, Json, readonly string[]])[] = [
  ['a distribution', fromDistribution('voucher.published', {}), CURRENT_KEYS],
  ['the project', fromProject('voucher.published', {}), CURRENT_KEYS],
  ['2018', legacy(), ['webhook_id', 'project_id', 'created_at', 'type']],
];

describe.each(ENVELOPES)('an envelope of %s', (_, envelope, keys) => {
  it('loses nothing and repeats nothing, whichever of its values are valid', () => {
    fc.assert(
      fc.property(anyEnvelope(envelope, keys), (body) => {
        const record = requireRecord(body);
        expect(findLostValues(body, record)).toEqual([]);
        expect(findRepeatedValues(body, record)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('fills the attributes of the record, and leaves them out of unmapped', () => {
    const onlyItsTime = setAt(envelope, ['event'], { type: 'voucher.published' });
    for (const body of [envelope, onlyItsTime]) {
      const { unmapped } = requireRecord(body).data;
      const isTimeOfEvent = body === envelope && 'event' in envelope;
      const repeated = keys.filter(
        (key) => key !== 'event.id' && hasPath(unmapped, key.split('.')),
      );
      expect(repeated).toEqual(isTimeOfEvent ? ['created_at'] : []);
    }
  });
});

function hasPath(object: unknown, [key, ...further]: readonly string[]): boolean {
  if (key === undefined) return true;
  return isJsonObject(object) && key in object && hasPath(object[key], further);
}
