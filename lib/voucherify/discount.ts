import * as v from 'valibot';
import {
  createObjectField,
  EXPECTED_OBJECT,
  BooleanField,
  createListSchema,
  IdField,
  NumberField,
  PercentField,
  StringField,
} from './fields.ts';

const VoucherifyProductSchema = v.object(
  { id: StringField, source_id: StringField, name: StringField },
  EXPECTED_OBJECT,
);
/** The product or SKU that a unit refers to. */
export type VoucherifyProduct = v.InferInput<typeof VoucherifyProductSchema>;

const VoucherifyUnitSchema = v.object(
  {
    unit_type: IdField,
    unit_off: NumberField,
    unit_off_formula: StringField,
    effect: StringField,
    product: createObjectField(VoucherifyProductSchema),
    sku: createObjectField(VoucherifyProductSchema),
  },
  EXPECTED_OBJECT,
);

/** One product or SKU that a discount adds. */
export type VoucherifyUnit = v.InferInput<typeof VoucherifyUnitSchema>;

/**
 * A discount as sent: all variants in one loose shape. `detectDiscountVariant` detects which one it is,
 * since no single key says it (vendor facts, section 4).
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

/** The unit type that means free shipping: a product that Voucherify defines itself. */
const SHIPPING_UNIT = 'prod_5h1pp1ng';

/** The variants of a discount. `unknown`: a type that Voucherify added later. */
export type DiscountVariant =
  | 'amount'
  | 'percent'
  | 'fixed'
  | 'unit'
  | 'units'
  | 'shipping'
  | 'unknown';

/** Detects the variant of a discount (vendor facts, section 4). */
export function detectDiscountVariant(discount: VoucherifyDiscount): DiscountVariant {
  switch (discount.type) {
    case 'AMOUNT':
      return 'amount';
    case 'PERCENT':
      return 'percent';
    case 'FIXED':
      return 'fixed';
    case 'UNIT':
      if (Array.isArray(discount.units)) return 'units';
      return discount.unit_type === SHIPPING_UNIT ? 'shipping' : 'unit';
    case null:
    case undefined:
    default:
      return 'unknown';
  }
}
