import * as v from 'valibot';
import {
  EXPECTED_OBJECT,
  FlagField,
  listOf,
  NumberField,
  PercentField,
  TextField,
} from './fields.ts';

const GoodSchema = v.nullish(
  v.object({ id: TextField, source_id: TextField, name: TextField }, EXPECTED_OBJECT),
);

const UnitSchema = v.object(
  {
    unit_type: TextField,
    unit_off: NumberField,
    unit_off_formula: TextField,
    effect: TextField,
    product: GoodSchema,
    sku: GoodSchema,
  },
  EXPECTED_OBJECT,
);

/** One product or SKU that a discount adds. */
export type UnitObject = v.InferInput<typeof UnitSchema>;

/**
 * A discount as it is sent: all variants in one loose shape. `discountVariant` tells them apart,
 * since the sender's own discriminator is not one key (vendor facts, section 4).
 */
export const DiscountSchema = v.object(
  {
    ...UnitSchema.entries,
    type: TextField,
    is_dynamic: FlagField,
    amount_off: NumberField,
    amount_off_formula: TextField,
    amount_limit: NumberField,
    aggregated_amount_limit: NumberField,
    percent_off: PercentField,
    percent_off_formula: TextField,
    fixed_amount: NumberField,
    fixed_amount_formula: TextField,
    units: v.nullish(listOf(UnitSchema)),
  },
  EXPECTED_OBJECT,
);
export type DiscountObject = v.InferInput<typeof DiscountSchema>;

/** The unit that stands for free shipping: a product of the sender's own. */
export const SHIPPING_UNIT = 'prod_5h1pp1ng';

/** The variants of a discount; `unknown` is one that Voucherify has added since. */
export type DiscountVariant =
  | { readonly form: 'amount' }
  | { readonly form: 'percent' }
  | { readonly form: 'fixed' }
  | { readonly form: 'unit' }
  | { readonly form: 'units'; readonly units: readonly UnitObject[] }
  | { readonly form: 'shipping' }
  | { readonly form: 'unknown' };

/** Tells the variants of a discount apart (vendor facts, section 4). */
export function discountVariant(discount: DiscountObject): DiscountVariant {
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
