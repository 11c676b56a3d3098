import { describe, expect, it } from 'vitest';
import type { Value, Voucher } from '../../lib/record/record.ts';
import {
  codeData,
  DISCOUNTS,
  giftCard,
  type Json,
  loyaltyCard,
  promotionTier,
  promotionData,
  voucher,
} from '../support/payloads.ts';
import { requireIssues, getPaths, requireRecord } from './to-record-result.ts';

function getVoucher(changes: Json): Voucher | null {
  return requireRecord(codeData({ voucher: changes })).data.voucher;
}

const applied = { effect: 'APPLY_TO_ORDER', dynamic: null };
const noFormula = { formula: null, fallback: false };

const VALUES: readonly (readonly [string, Json, Value])[] = [
  [
    'an amount',
    DISCOUNTS.amount,
    {
      form: 'amount',
      amountOff: 1250,
      totalLimit: null,
      currency: 'SEK',
      ...noFormula,
      ...applied,
    },
  ],
  [
    'an amount with a formula, whose plain number is the fallback',
    DISCOUNTS.amountByFormula,
    {
      form: 'amount',
      amountOff: 500,
      totalLimit: 9000,
      currency: 'SEK',
      formula: 'IF(ORDER_AMOUNT > 90;20;5)',
      fallback: true,
      effect: 'APPLY_TO_ITEMS',
      dynamic: true,
    },
  ],
  [
    'a percentage with a fraction',
    DISCOUNTS.percent,
    {
      form: 'percent',
      percentOff: 12.5,
      amountLimit: 4000,
      totalLimit: null,
      currency: 'SEK',
      ...noFormula,
      ...applied,
    },
  ],
  [
    'a fixed price',
    DISCOUNTS.fixed,
    {
      form: 'fixed',
      fixedAmount: 1999,
      currency: 'SEK',
      ...noFormula,
      effect: 'APPLY_TO_ITEMS',
      dynamic: null,
    },
  ],
  [
    'one unit',
    DISCOUNTS.unit,
    {
      form: 'units',
      effect: 'ADD_NEW_ITEMS',
      dynamic: null,
      units: [
        {
          unitType: 'prod_mug77',
          unitOff: 2,
          ...noFormula,
          effect: 'ADD_NEW_ITEMS',
          product: { id: 'prod_mug77', sourceId: 'mug-blue', name: 'Blue mug' },
          sku: null,
        },
      ],
    },
  ],
  [
    'several units',
    DISCOUNTS.units,
    {
      form: 'units',
      effect: 'ADD_MANY_ITEMS',
      dynamic: null,
      units: [
        {
          unitType: 'prod_mug77',
          unitOff: 1,
          ...noFormula,
          effect: 'ADD_NEW_ITEMS',
          product: null,
          sku: null,
        },
        {
          unitType: 'sku_tea3',
          unitOff: 4,
          formula: 'ORDER_AMOUNT / 100',
          fallback: true,
          effect: 'ADD_MISSING_ITEMS',
          product: null,
          sku: { id: 'sku_tea3', sourceId: 'tea-mint', name: 'Mint tea' },
        },
      ],
    },
  ],
  [
    'free shipping, which is sent as a unit',
    DISCOUNTS.shipping,
    { form: 'shipping', effect: 'ADD_MISSING_ITEMS', dynamic: null },
  ],
  [
    'a zero',
    { type: 'AMOUNT', amount_off: 0 },
    {
      form: 'amount',
      amountOff: 0,
      totalLimit: null,
      currency: 'SEK',
      ...noFormula,
      effect: null,
      dynamic: null,
    },
  ],
];

describe('the value of a voucher', () => {
  it.each(VALUES)('is %s', (_, discount, value) => {
    expect(getVoucher(voucher({ discount }))).toMatchObject({ kind: 'discount', value });
  });

  it('is the balance of a gift card', () => {
    expect(getVoucher(giftCard())).toMatchObject({
      kind: 'gift',
      value: {
        form: 'gift',
        amount: 10_000,
        balance: 7250,
        currency: 'SEK',
        effect: 'APPLY_TO_ORDER',
      },
    });
  });

  it('is the points of a loyalty card', () => {
    expect(getVoucher(loyaltyCard())).toMatchObject({
      kind: 'loyalty',
      value: {
        form: 'points',
        points: 800,
        balance: 640,
        pending: 20,
        expired: null,
        subtracted: null,
        nextExpiration: { date: '2026-12-31', points: 100 },
      },
    });
  });

  it('is the discount as sent when its type is unknown', () => {
    const discount = { type: 'CASHBACK', cash: { back: 5 } };
    const { data } = requireRecord(codeData({ voucher: voucher({ discount }) }));
    expect(data.voucher?.value).toEqual({ form: 'unknown', raw: discount });
    expect(data.unmapped).toMatchObject({ voucher: { discount } });
    expect(getPaths(data.warnings)).toContain('voucher.discount.type');
  });

  it.each([
    ['discount', { discount: DISCOUNTS.amount }],
    ['gift', { gift: { amount: 500, balance: 500 } }],
    ['loyalty', { loyalty_card: { points: 10 } }],
  ])('is a %s when only that block is present', (kind, block) => {
    const untyped = { code: 'SHORT-1', gift: null, discount: null, loyalty_card: null, ...block };
    expect(getVoucher(untyped)?.kind).toBe(kind);
  });

  it('is decided by the type when more than one block is present', () => {
    const { data } = requireRecord(codeData({ voucher: giftCard({ discount: DISCOUNTS.amount }) }));
    expect(data.voucher?.value?.form).toBe('gift');
    expect(data.unmapped).toMatchObject({ voucher: { discount: DISCOUNTS.amount } });
    expect(getPaths(data.warnings)).toContain('voucher.type');
  });

  it('is null when no block is present beside a type', () => {
    const { data } = requireRecord(codeData({ voucher: voucher({ discount: null }) }));
    expect(data.voucher).toMatchObject({ kind: 'discount', value: null });
    expect(getPaths(data.warnings)).toContain('voucher.type');
  });

  it.each([
    ['no type', { type: null }],
    ['no type key', { type: undefined }],
    ['an unknown type', { type: 'SCRATCH_CARD' }],
  ])('is null when no block is present and %s, too', (_, changes) => {
    const { data } = requireRecord(codeData({ voucher: voucher({ discount: null, ...changes }) }));
    expect(data.voucher).toMatchObject({ kind: null, value: null, usable: true });
    expect(getPaths(data.warnings)).toContain('voucher.type');
  });

  it.each([
    ['gift', giftCard({ gift: { balance: 5 } }), { form: 'gift', amount: null, balance: 5 }],
    [
      'loyalty card',
      loyaltyCard({ loyalty_card: { balance: 5 } }),
      { form: 'points', points: null, balance: 5 },
    ],
  ])(
    'is the balance alone of a %s when the total was not sent, with a warning',
    (_, card, value) => {
      const { data } = requireRecord(codeData({ voucher: card }));
      expect(data.voucher).toMatchObject({ value, usable: true });
      expect(
        getPaths(data.warnings).some((path) => /(gift.amount|loyalty_card.points)$/.test(path)),
      ).toBe(true);
    },
  );

  it('is not usable when only an empty balance is known', () => {
    expect(getVoucher(giftCard({ gift: { balance: 0 } }))?.unusableReasons).toEqual(['used_up']);
  });

  it('keeps a fraction of a hundredth, with a warning', () => {
    const discount = { type: 'AMOUNT', amount_off: 10.5 };
    const { data } = requireRecord(codeData({ voucher: voucher({ discount }) }));
    expect(data.voucher?.value).toMatchObject({ amountOff: 10.5 });
    expect(getPaths(data.warnings)).toContain('voucher');
  });

  it('is converted from digits in a string, with a warning, and the string stays in unmapped', () => {
    const discount = { type: 'PERCENT', percent_off: '15', effect: 'APPLY_TO_ORDER' };
    const { data } = requireRecord(codeData({ voucher: voucher({ discount }) }));
    expect(data.voucher?.value).toMatchObject({ form: 'percent', percentOff: 15 });
    expect(data.unmapped).toMatchObject({ voucher: { discount: { percent_off: '15' } } });
    expect(getPaths(data.warnings)).toEqual(['voucher.discount.percent_off']);
  });

  it('is read from the action of a promotion tier, if it has one', () => {
    const action = { discount: DISCOUNTS.amount };
    const { data } = requireRecord(promotionData({ promotion_tier: promotionTier({ action }) }));
    expect(data.promotionTier?.value).toMatchObject({ form: 'amount', amountOff: 1250 });
    expect(requireRecord(promotionData()).data.promotionTier?.value).toBeNull();
  });
});

const DISCOUNT_PATH = 'voucher.discount';

describe('a code is rejected for', () => {
  it.each<[string, Json, string]>([
    ['no type and two blocks', { type: null, gift: { amount: 1 } }, 'voucher.type'],
    ['a type that the block contradicts', { type: 'GIFT_VOUCHER' }, 'voucher.type'],
    ['a type that is not a string', { type: 4, discount: null }, 'voucher.type'],
    ['a discount that is a string', { discount: '10 percent' }, DISCOUNT_PATH],
    ['no amount', { discount: { type: 'AMOUNT' } }, `${DISCOUNT_PATH}.amount_off`],
    [
      'no percentage, only a formula',
      { discount: { type: 'PERCENT', percent_off_formula: '1' } },
      `${DISCOUNT_PATH}.percent_off`,
    ],
    ['no fixed price', { discount: { type: 'FIXED' } }, `${DISCOUNT_PATH}.fixed_amount`],
    ['no unit type', { discount: { type: 'UNIT', unit_off: 1 } }, `${DISCOUNT_PATH}.unit_type`],
    ['no unit', { discount: { type: 'UNIT', units: [] } }, `${DISCOUNT_PATH}.units`],
    ...['', ' ', 'null', '{{unit}}'].map((unit): [string, Json, string] => [
      `a unit type that is no value: ${JSON.stringify(unit)}`,
      { discount: { type: 'UNIT', unit_type: unit } },
      `${DISCOUNT_PATH}.unit_type`,
    ]),
    [
      'a unit without a type',
      { discount: { type: 'UNIT', units: [{ unit_off: 1 }] } },
      `${DISCOUNT_PATH}.units.0.unit_type`,
    ],
    [
      'a negative amount',
      { discount: { type: 'AMOUNT', amount_off: -1 } },
      `${DISCOUNT_PATH}.amount_off`,
    ],
    [
      'an amount in words',
      { discount: { type: 'AMOUNT', amount_off: 'ten' } },
      `${DISCOUNT_PATH}.amount_off`,
    ],
    [
      'a percentage over 100',
      { discount: { type: 'PERCENT', percent_off: 101 } },
      `${DISCOUNT_PATH}.percent_off`,
    ],
    [
      'a percentage over 100 in a string',
      { discount: { type: 'PERCENT', percent_off: '101' } },
      `${DISCOUNT_PATH}.percent_off`,
    ],
    [
      'an invalid limit',
      { discount: { ...DISCOUNTS.percent, amount_limit: [] } },
      `${DISCOUNT_PATH}.amount_limit`,
    ],
    [
      'more digits than a number can hold',
      { discount: { type: 'AMOUNT', amount_off: '9'.repeat(30) } },
      `${DISCOUNT_PATH}.amount_off`,
    ],
  ])('%s', (_, changes, path) => {
    expect(getPaths(requireIssues(codeData({ voucher: voucher(changes) })))).toEqual([path]);
  });

  it.each<[string, Json, string]>([
    ['a gift card without a number', giftCard({ gift: {} }), 'voucher.gift.amount'],
    [
      'an amount that cannot be read beside a balance',
      giftCard({ gift: { amount: 'ten', balance: 5 } }),
      'voucher.gift.amount',
    ],
    [
      'a loyalty card without a number',
      loyaltyCard({ loyalty_card: {} }),
      'voucher.loyalty_card.points',
    ],
    ['a negative balance', giftCard({ gift: { amount: 9, balance: -5 } }), 'voucher.gift.balance'],
  ])('%s', (_, card, path) => {
    expect(getPaths(requireIssues(codeData({ voucher: card })))).toEqual([path]);
  });

  it('an invalid amount, and so is a promotion', () => {
    const action = { discount: { type: 'AMOUNT', amount_off: 'ten' } };
    expect(
      getPaths(requireIssues(promotionData({ promotion_tier: promotionTier({ action }) }))),
    ).toEqual(['promotion_tier.action.discount.amount_off']);
  });
});
