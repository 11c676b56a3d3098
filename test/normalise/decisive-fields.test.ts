import { describe, expect, it } from 'vitest';
import { VoucherifyCampaignSchema } from '../../lib/voucherify/campaign.ts';
import { VoucherifyCustomerSchema } from '../../lib/voucherify/customer.ts';
import { VoucherifyDistributionSchema } from '../../lib/voucherify/distribution.ts';
import { VoucherifyPromotionTierSchema } from '../../lib/voucherify/promotion-tier.ts';
import { VoucherifyPublicationSchema } from '../../lib/voucherify/publication.ts';
import { VoucherifyVoucherSchema } from '../../lib/voucherify/voucher.ts';
import { setAt } from '../support/arbitrary-bodies.ts';
import {
  codeData,
  DISCOUNTS,
  fromDistribution,
  fromProject,
  giftCard,
  type Json,
  loyaltyCard,
  promotionData,
  promotionTier,
  voucher,
} from '../support/payloads.ts';
import { listSchemaLeaves, objectWith } from '../support/schema-leaves.ts';
import { runToRecord } from './to-record-result.ts';

/** Every path inside an object: of its fields, and of the objects and lists around them. */
function listPathsOf(object: string, schema: unknown): string[][] {
  const paths = new Map<string, string[]>();
  for (const { path } of listSchemaLeaves(schema, [object])) {
    for (let length = 2; length <= path.length; length += 1) {
      paths.set(path.slice(0, length).join('.'), path.slice(0, length));
    }
  }
  return [...paths.values()];
}

const PATHS = [
  ...listPathsOf('distribution', VoucherifyDistributionSchema),
  ...listPathsOf('campaign', VoucherifyCampaignSchema),
  ...listPathsOf('voucher', VoucherifyVoucherSchema),
  ...listPathsOf('publication', VoucherifyPublicationSchema),
  ...listPathsOf('promotion_tier', VoucherifyPromotionTierSchema),
  ...listPathsOf('customer', VoucherifyCustomerSchema),
];

/** What no field and no object can be read from. A list is not an object, whatever is in it. */
const UNREADABLE: readonly unknown[] = [['{{it}}'], [[]]];

/** Which paths of the objects in a body quarantine it when they cannot be read. */
function findFatalPaths(data: Json, toBody: (data: unknown) => unknown): string[] {
  const paths = PATHS.filter(([object = '']) => object in data);
  return paths
    .filter((path) => {
      const results = UNREADABLE.map((value) => isFatal(toBody(setIn(data, path, value)), path));
      expect(new Set(results).size, path.join('.')).toBe(1);
      return results[0];
    })
    .map((path) => path.join('.'));
}

/** Sets a value; an item of a list is the only one of its list. */
function setIn(data: unknown, path: readonly string[], value: unknown): unknown {
  const index = path.indexOf('0');
  return index === -1
    ? setAt(data, path, value)
    : setAt(data, path.slice(0, index), objectWith(path.slice(index), value));
}

/** Says whether a body is quarantined for what is at a path of its data, or around it. */
function isFatal(body: unknown, path: readonly string[]): boolean {
  const result = runToRecord(body);
  const fullPath = `data.${path.join('.')}.`;
  return !result.ok && result.issues.some((issue) => fullPath.startsWith(`${issue.path}.`));
}

const below = (object: string, keys: string): string[] =>
  keys.split(' ').map((key) => `${object}.${key}`);

const UNIT_VALUE = 'unit_type unit_off unit_off_formula';
const DISCOUNT_VALUE = [
  'type amount_off amount_off_formula amount_limit aggregated_amount_limit percent_off',
  `percent_off_formula fixed_amount fixed_amount_formula ${UNIT_VALUE} units units.0`,
  ...below('units.0', UNIT_VALUE),
].join(' ');

const fromManual = (data: unknown): Json => fromDistribution('manual_distribution_schedule', data);

describe('a field that cannot be read quarantines', () => {
  it('a code when it says what the code is, what it is worth, or whether it can be used', () => {
    const data = codeData({
      voucher: { ...giftCard(), ...loyaltyCard(), ...voucher() },
      promotion_tier: promotionTier({ action: { discount: DISCOUNTS.amount } }),
    });
    expect(new Set(findFatalPaths(data, fromManual))).toEqual(
      new Set([
        'voucher.code',
        'publication.result',
        ...below('voucher', 'type discount gift loyalty_card'),
        ...below('voucher.discount', DISCOUNT_VALUE),
        ...below('voucher.gift', 'amount balance'),
        ...below('voucher.loyalty_card', 'points balance'),
        ...below('voucher', 'active expiration_date redemption'),
        ...below('voucher.redemption', 'quantity redeemed_quantity'),
      ]),
    );
  });

  it('a promotion when it says what the promotion is worth', () => {
    const action = { discount: DISCOUNTS.amount };
    const data = promotionData({ promotion_tier: promotionTier({ action }) });
    expect(new Set(findFatalPaths(data, fromManual))).toEqual(
      new Set([
        'promotion_tier.action',
        'promotion_tier.action.discount',
        ...below('promotion_tier.action.discount', DISCOUNT_VALUE),
      ]),
    );
  });

  it('no message and no activity', () => {
    const data = { ...codeData(), ...promotionData() };
    const { voucher: _voucher, publication: _publication, promotion_tier: _tier, ...rest } = data;
    const toMessage = (body: unknown): Json => fromDistribution('customer.segment.left', body);
    expect(findFatalPaths(rest, toMessage)).toEqual([]);
    expect(findFatalPaths(data, (body) => fromProject('voucher.updated', body))).toEqual([]);
  });
});

const BLOCKS: { readonly [key: string]: Json } = {
  discount: DISCOUNTS.amount,
  gift: { amount: 500 },
  loyalty_card: { points: 20 },
};
const BLOCK_BY_TYPE: ReadonlyMap<unknown, string> = new Map([
  ['DISCOUNT_VOUCHER', 'discount'],
  ['GIFT_VOUCHER', 'gift'],
  ['LOYALTY_CARD', 'loyalty_card'],
]);
const KINDS: { readonly [key: string]: string } = {
  discount: 'discount',
  gift: 'gift',
  loyalty_card: 'loyalty',
};
const BLOCK_SETS = [
  [],
  ['discount'],
  ['gift'],
  ['loyalty_card'],
  ['discount', 'gift'],
  ['discount', 'loyalty_card'],
  ['gift', 'loyalty_card'],
  ['discount', 'gift', 'loyalty_card'],
];
const SENT_TYPES = [...BLOCK_BY_TYPE.keys(), 'BRAND_NEW', '', null, undefined];
const TYPE_CASES = SENT_TYPES.flatMap((type) => BLOCK_SETS.map((blocks) => ({ type, blocks })));

interface Outcome {
  readonly isQuarantined: boolean;
  readonly kind: string | null;
  readonly hasValue: boolean;
  /** How each message about the type begins. */
  readonly messages: readonly string[];
}

const ok = (kind: string | null, hasValue: boolean, messages: readonly string[]): Outcome => ({
  isQuarantined: false,
  kind,
  hasValue,
  messages,
});
const quarantined = (message: string): Outcome => ({
  isQuarantined: true,
  kind: null,
  hasValue: false,
  messages: [message],
});

/** What the vendor facts (sections 4, 5 and 7) say of a type beside some blocks. */
function getExpected(type: unknown, blocks: readonly string[]): Outcome {
  const own = BLOCK_BY_TYPE.get(type);
  const [only] = blocks;
  if (own === undefined) {
    if (only === undefined) return ok(null, false, ['No discount, gift or loyalty_card;']);
    if (blocks.length > 1) return quarantined('Expected a known type, or');
    return ok(KINDS[only] ?? '', true, typeof type === 'string' ? ['Unknown voucher type;'] : []);
  }
  const kind = KINDS[own] ?? '';
  if (blocks.length === 0) return ok(kind, false, ['No discount, gift or loyalty_card;']);
  if (!blocks.includes(own)) return quarantined('Expected the discount, gift or');
  return ok(kind, true, blocks.length > 1 ? ['More than one of discount,'] : []);
}

function getOutcome(body: unknown): Outcome {
  const result = runToRecord(body);
  const issues = result.ok ? result.record.data.warnings : result.issues;
  expect(issues.every(({ path }) => path === 'data.voucher.type')).toBe(true);
  const sent = result.ok ? result.record.data.voucher : null;
  return {
    isQuarantined: !result.ok,
    kind: sent?.kind ?? null,
    hasValue: (sent?.value ?? null) !== null,
    messages: issues.map(({ message }) => message),
  };
}

describe('the type of a voucher and its blocks', () => {
  it.each(TYPE_CASES)('$type beside $blocks', ({ type, blocks }) => {
    const { type: _type, discount: _discount, ...rest } = voucher();
    const sent = { ...rest, ...(type === undefined ? {} : { type }) };
    const filled = Object.fromEntries(blocks.map((key) => [key, BLOCKS[key]]));
    const body = fromManual(codeData({ voucher: { ...sent, ...filled } }));
    const expected = getExpected(type, blocks);
    expect(getOutcome(body)).toEqual({
      ...expected,
      messages: expected.messages.map((start) => expect.stringMatching(`^${start}`) as unknown),
    });
  });
});
