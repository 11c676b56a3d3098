import type { Value } from '../record/record.ts';
import {
  detectDiscountVariant,
  type VoucherifyDiscount,
  type VoucherifyProduct,
  type VoucherifyUnit,
} from '../voucherify/discount.ts';
import type { Path } from '../voucherify/json.ts';
import {
  computed,
  type ConsumedKeys,
  constant,
  defineFieldMap,
  type Field,
  given,
  items,
  nested,
  copied,
} from './field-map.ts';

/** What is wrong with the value of a voucher or a promotion tier. */
export interface ValueIssue {
  readonly path: Path;
  readonly message: string;
  /** What the customer is promised is not certain: such a code or promotion is not sent. */
  readonly fatal: boolean;
}

/** The value of a discount, a gift card or a loyalty card. */
export interface ParsedBlock {
  readonly value: Value;
  readonly consumes: ConsumedKeys;
  readonly valueIssues: readonly ValueIssue[];
}

/** One form of a value. */
export type ValueInForm<Form extends Value['form']> = Extract<Value, { form: Form }>;

/** The currency is from the settings: webhooks carry none. ISO 4217. */
export interface Currency {
  readonly currency: string | null;
}

type Unit = ValueInForm<'units'>['units'][number];

const EFFECT_FIELDS = { effect: 'effect', dynamic: 'is_dynamic' } as const;

/** A formula decides the value at the checkout. The plain number is then the fallback. */
function formulaFields<Key extends string>(
  key: Key,
): {
  readonly formula: Field<{ readonly [K in Key]?: string | null | undefined }, string | null>;
  readonly fallback: Field<{ readonly [K in Key]?: string | null | undefined }, boolean>;
} {
  return { formula: copied(key), fallback: computed((source) => typeof source[key] === 'string') };
}

const AMOUNT = defineFieldMap<VoucherifyDiscount, ValueInForm<'amount'>, Currency>({
  form: constant('amount', 'type'),
  amountOff: 'amount_off',
  totalLimit: 'aggregated_amount_limit',
  currency: given('currency'),
  ...formulaFields('amount_off_formula'),
  ...EFFECT_FIELDS,
});

const PERCENT = defineFieldMap<VoucherifyDiscount, ValueInForm<'percent'>, Currency>({
  form: constant('percent', 'type'),
  percentOff: 'percent_off',
  amountLimit: 'amount_limit',
  totalLimit: 'aggregated_amount_limit',
  currency: given('currency'),
  ...formulaFields('percent_off_formula'),
  ...EFFECT_FIELDS,
});

const FIXED = defineFieldMap<VoucherifyDiscount, ValueInForm<'fixed'>, Currency>({
  form: constant('fixed', 'type'),
  fixedAmount: 'fixed_amount',
  currency: given('currency'),
  ...formulaFields('fixed_amount_formula'),
  ...EFFECT_FIELDS,
});

const PRODUCT = defineFieldMap<VoucherifyProduct, NonNullable<Unit['product']>>({
  id: 'id',
  sourceId: 'source_id',
  name: 'name',
});

const UNIT = defineFieldMap<VoucherifyUnit, Unit>({
  unitType: 'unit_type',
  unitOff: 'unit_off',
  ...formulaFields('unit_off_formula'),
  effect: 'effect',
  product: nested('product', PRODUCT),
  sku: nested('sku', PRODUCT),
});

/** One unit: its keys are those of the discount itself. */
const ONE_UNIT = defineFieldMap<VoucherifyDiscount, ValueInForm<'units'>>({
  form: constant('units', 'type'),
  units: { consumes: UNIT.consumes, read: (discount) => [UNIT.convert(discount)] },
  ...EFFECT_FIELDS,
});

const UNIT_LIST = items('units', UNIT);

const SEVERAL_UNITS = defineFieldMap<VoucherifyDiscount, ValueInForm<'units'>>({
  form: constant('units', 'type'),
  units: {
    consumes: UNIT_LIST.consumes,
    read: (discount) => UNIT_LIST.read(discount) ?? [],
  },
  ...EFFECT_FIELDS,
});

/** Consumes neither `type` nor `unit_type`: the record does not hold that it was sent as a unit. */
const SHIPPING = defineFieldMap<VoucherifyDiscount, ValueInForm<'shipping'>>({
  form: constant('shipping'),
  ...EFFECT_FIELDS,
});

const UNKNOWN = defineFieldMap<VoucherifyDiscount, ValueInForm<'unknown'>>({
  form: constant('unknown'),
  raw: computed((discount) => discount),
});

/**
 * Parses a discount by its variant (vendor facts, section 4). Amounts stay as sent. It is an issue
 * when the one field that the variant requires is missing, or when the variant is unknown.
 * @param currency ISO 4217, from the settings: webhooks carry none
 * @param path of the discount, for the paths of the issues
 */
export function parseDiscount(
  discount: VoucherifyDiscount,
  currency: string | null,
  path: Path,
): ParsedBlock {
  switch (detectDiscountVariant(discount)) {
    case 'amount':
      return {
        value: AMOUNT.convert(discount, { currency }),
        consumes: AMOUNT.consumes,
        valueIssues: requireNumber(discount.amount_off, [...path, 'amount_off']),
      };
    case 'percent':
      return {
        value: PERCENT.convert(discount, { currency }),
        consumes: PERCENT.consumes,
        valueIssues: requireNumber(discount.percent_off, [...path, 'percent_off']),
      };
    case 'fixed':
      return {
        value: FIXED.convert(discount, { currency }),
        consumes: FIXED.consumes,
        valueIssues: requireNumber(discount.fixed_amount, [...path, 'fixed_amount']),
      };
    case 'unit':
      return {
        value: ONE_UNIT.convert(discount),
        consumes: ONE_UNIT.consumes,
        valueIssues: requireUnitType(discount, path),
      };
    case 'units':
      return {
        value: SEVERAL_UNITS.convert(discount),
        consumes: SEVERAL_UNITS.consumes,
        valueIssues: requireUnits(discount.units ?? [], [...path, 'units']),
      };
    case 'shipping':
      return {
        value: SHIPPING.convert(discount),
        consumes: SHIPPING.consumes,
        valueIssues: NO_VALUE_ISSUES,
      };
    case 'unknown':
      return {
        value: UNKNOWN.convert(discount),
        consumes: UNKNOWN.consumes,
        valueIssues: [{ path: [...path, 'type'], message: UNKNOWN_DISCOUNT_TYPE, fatal: false }],
      };
  }
}

const NO_VALUE_ISSUES: readonly ValueIssue[] = [];
const NUMBER_REQUIRED = 'Expected a number, which this kind of voucher requires';
const UNITS_REQUIRED = 'Expected at least one product or SKU';
const UNIT_TYPE_REQUIRED = 'Expected the id of a product or SKU';
const UNKNOWN_DISCOUNT_TYPE = 'Unknown discount type; the record has the discount as sent';

/** A fatal issue when the one number that a kind of voucher requires is missing; else none. */
export function requireNumber(
  number: number | null | undefined,
  path: Path,
): readonly ValueIssue[] {
  if (typeof number === 'number') return NO_VALUE_ISSUES;
  return [{ path, message: NUMBER_REQUIRED, fatal: true }];
}

function requireUnits(units: readonly VoucherifyUnit[], path: Path): readonly ValueIssue[] {
  if (units.length === 0) return [{ path, message: UNITS_REQUIRED, fatal: true }];
  return units.flatMap((unit, index) => requireUnitType(unit, [...path, index]));
}

function requireUnitType(unit: VoucherifyUnit, path: Path): readonly ValueIssue[] {
  if (typeof unit.unit_type === 'string') return NO_VALUE_ISSUES;
  return [{ path: [...path, 'unit_type'], message: UNIT_TYPE_REQUIRED, fatal: true }];
}
