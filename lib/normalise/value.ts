import {
  type VoucherifyDiscount,
  discountVariant,
  type DiscountVariant,
  type VoucherifyUnit,
} from '../voucherify/discount.ts';
import type { VoucherifyGift, VoucherifyLoyaltyCard } from '../voucherify/voucher.ts';
import { fields, type FieldRule, mergeFields } from './field-map.ts';
import type { Value } from '../record/record.ts';

type Unit = Extract<Value, { form: 'units' }>['units'][number];

const GOOD_PLACES: FieldRule = { of: fields('id source_id name') };
const UNIT_PLACES = mergeFields(fields('unit_type unit_off unit_off_formula effect'), [
  ['product', GOOD_PLACES],
  ['sku', GOOD_PLACES],
]);

const APPLIED = 'type effect is_dynamic';

/** What becomes of the keys of a discount, by variant. */
export const DISCOUNT_RULES: { readonly [Form in DiscountVariant['form']]: FieldRule } = {
  amount: {
    of: fields(`${APPLIED} amount_off amount_off_formula aggregated_amount_limit`),
  },
  percent: {
    of: fields(`${APPLIED} percent_off percent_off_formula amount_limit aggregated_amount_limit`),
  },
  fixed: { of: fields(`${APPLIED} fixed_amount fixed_amount_formula`) },
  unit: { of: mergeFields(UNIT_PLACES, fields(APPLIED)) },
  units: { of: mergeFields(fields(APPLIED), [['units', { each: UNIT_PLACES }]]) },
  shipping: { of: fields('effect is_dynamic') },
  unknown: { of: new Map() },
};

/** What becomes of the keys of a gift card. */
export const GIFT_RULE: FieldRule = { of: fields('amount balance effect') };

/** What becomes of the keys of a loyalty card. */
export const LOYALTY_CARD_RULE: FieldRule = {
  of: fields(
    'points balance pending_points expired_points subtracted_points ' +
      'next_expiration_date next_expiration_points',
  ),
};

/**
 * What a discount is worth, by its variant; amounts untouched, a formula kept beside its fallback
 * (vendor facts, section 4).
 * @param currency ISO 4217, from the settings: webhooks carry none
 */
export function toDiscountValue(discount: VoucherifyDiscount, currency: string | null): Value {
  const variant = discountVariant(discount);
  const applied = { effect: discount.effect ?? null, dynamic: discount.is_dynamic ?? null };
  switch (variant.form) {
    case 'amount':
      return {
        form: 'amount',
        amountOff: discount.amount_off ?? null,
        totalLimit: discount.aggregated_amount_limit ?? null,
        currency,
        ...formulaOf(discount.amount_off_formula),
        ...applied,
      };
    case 'percent':
      return {
        form: 'percent',
        percentOff: discount.percent_off ?? null,
        amountLimit: discount.amount_limit ?? null,
        totalLimit: discount.aggregated_amount_limit ?? null,
        currency,
        ...formulaOf(discount.percent_off_formula),
        ...applied,
      };
    case 'fixed':
      return {
        form: 'fixed',
        fixedAmount: discount.fixed_amount ?? null,
        currency,
        ...formulaOf(discount.fixed_amount_formula),
        ...applied,
      };
    case 'unit':
      return { form: 'units', units: [toUnit(discount)], ...applied };
    case 'units':
      return { form: 'units', units: variant.units.map(toUnit), ...applied };
    case 'shipping':
      return { form: 'shipping', ...applied };
    case 'unknown':
      return { form: 'unknown', raw: discount };
  }
}

/** A gift card's worth in hundredths: `amount` was loaded over its life, `balance` can be spent. */
export function toGiftValue(gift: VoucherifyGift, currency: string | null): Value {
  return {
    form: 'gift',
    amount: gift.amount ?? null,
    balance: gift.balance ?? null,
    currency,
    effect: gift.effect ?? null,
  };
}

/** A loyalty card's points: `points` over its life, `balance` now. */
export function toPointsValue(card: VoucherifyLoyaltyCard): Value {
  const date = card.next_expiration_date ?? null;
  const points = card.next_expiration_points ?? null;
  return {
    form: 'points',
    points: card.points ?? null,
    balance: card.balance ?? null,
    pending: card.pending_points ?? null,
    expired: card.expired_points ?? null,
    subtracted: card.subtracted_points ?? null,
    nextExpiration: date === null && points === null ? null : { date, points },
  };
}

function formulaOf(text: string | null | undefined): { formula: string | null; fallback: boolean } {
  return { formula: text ?? null, fallback: typeof text === 'string' };
}

function toUnit(unit: VoucherifyUnit): Unit {
  return {
    unitType: unit.unit_type ?? null,
    unitOff: unit.unit_off ?? null,
    ...formulaOf(unit.unit_off_formula),
    effect: unit.effect ?? null,
    product: toGood(unit.product),
    sku: toGood(unit.sku),
  };
}

function toGood(good: VoucherifyUnit['product']): Unit['product'] {
  if (!good) return null;
  return { id: good.id ?? null, sourceId: good.source_id ?? null, name: good.name ?? null };
}
