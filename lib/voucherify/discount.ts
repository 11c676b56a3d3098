import * as v from 'valibot';
import {
  EXPECTED_OBJECT,
  BooleanField,
  createListSchema,
  NumberField,
  PercentField,
  StringField,
} from './fields.ts';

const VoucherifyProductSchema = v.nullish(
  v.object({ id: StringField, source_id: StringField, name: StringField }, EXPECTED_OBJECT),
);

const VoucherifyUnitSchema = v.object(
  {
    unit_type: StringField,
    unit_off: NumberField,
    unit_off_formula: StringField,
    effect: StringField,
    product: VoucherifyProductSchema,
    sku: VoucherifyProductSchema,
  },
  EXPECTED_OBJECT,
);

/** One product or SKU that a discount adds. */
export type VoucherifyUnit = v.InferInput<typeof VoucherifyUnitSchema>;

/**
 * A discount as it is sent: all variants in one loose shape. `discountVariant` tells them apart,
 * since the sender's own discriminator is not one key (vendor facts, section 4).
 */
export const VoucherifyDiscountSchema = v.object(
  {
    ...VoucherifyUnitSchema.entries,
    type: StringField,
    is_dynamic: BooleanField,
    amount_off: NumberField,
    amount_off_formula: StringField,
    amount_limit: NumberField,
    aggregated_amount_limit: NumberField,
    percent_off: PercentField,
    percent_off_formula: StringField,
    fixed_amount: NumberField,
    fixed_amount_formula: StringField,
    units: v.nullish(createListSchema(VoucherifyUnitSchema)),
  },
  EXPECTED_OBJECT,
);
export type VoucherifyDiscount = v.InferInput<typeof VoucherifyDiscountSchema>;

/** The unit that stands for free shipping: a product of the sender's own. */
export const SHIPPING_UNIT = 'prod_5h1pp1ng';

/** The variants of a discount; `unknown` is one that Voucherify has added since. */
export type DiscountVariant =
  | { readonly form: 'amount' }
  | { readonly form: 'percent' }
  | { readonly form: 'fixed' }
  | { readonly form: 'unit' }
  | { readonly form: 'units'; readonly units: readonly VoucherifyUnit[] }
  | { readonly form: 'shipping' }
  | { readonly form: 'unknown' };

/** Tells the variants of a discount apart (vendor facts, section 4). */
export function discountVariant(discount: VoucherifyDiscount): DiscountVariant {
  switch (discount.type) {
    case 'AMOUNT':
      return { form: 'amount' };
    case 'PERCENT':
      return { form: 'percent' };
    case 'FIXED':
      return { form: 'fixed' };
    case 'UNIT':
      if (Array.isArray(discount.units)) return { form: 'units', units: discount.units };
      return { form: discount.unit_type === SHIPPING_UNIT ? 'shipping' : 'unit' };
    case null:
    case undefined:
    default:
      return { form: 'unknown' };
  }
}
