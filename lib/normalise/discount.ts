import {
  type VoucherifyDiscount,
  discountVariant,
  type VoucherifyUnit,
} from '../voucherify/discount.ts';
import type { Path } from './path.ts';

/** Something about a voucher's worth that is not as it should be; the path starts at the voucher. */
export interface ValueIssue {
  readonly path: Path;
  readonly message: string;
  /** A doubt about what the customer is promised. A code of uncertain worth is not handed on. */
  readonly fatal: boolean;
}

const NUMBER_NEEDED = 'Expected the number that this kind of voucher needs';
const UNIT_NEEDED = 'Expected the id of a product or SKU';
const DISCOUNT_UNKNOWN = 'A discount type that is not known here; the value is as it was sent';
/** Nothing is in doubt. */
export const NO_ISSUES: readonly ValueIssue[] = [];

/**
 * What is wrong with a discount: the one thing that its variant needs is missing, or it is of no
 * variant that is known here.
 * @param at where the discount stands
 */
export function checkDiscount(discount: VoucherifyDiscount, at: Path): readonly ValueIssue[] {
  const variant = discountVariant(discount);
  switch (variant.form) {
    case 'amount':
      return requireNumber(discount.amount_off, [...at, 'amount_off']);
    case 'percent':
      return requireNumber(discount.percent_off, [...at, 'percent_off']);
    case 'fixed':
      return requireNumber(discount.fixed_amount, [...at, 'fixed_amount']);
    case 'unit':
      return unitNeeded(discount, at);
    case 'units':
      return variant.units.flatMap((unit, index) => unitNeeded(unit, [...at, 'units', index]));
    case 'shipping':
      return NO_ISSUES;
    case 'unknown':
      return [{ path: [...at, 'type'], message: DISCOUNT_UNKNOWN, fatal: false }];
  }
}

/** The one number that a kind of voucher needs, when it is not there. */
export function requireNumber(
  number: number | null | undefined,
  path: Path,
): readonly ValueIssue[] {
  return typeof number === 'number' ? NO_ISSUES : [{ path, message: NUMBER_NEEDED, fatal: true }];
}

function unitNeeded(unit: VoucherifyUnit, at: Path): readonly ValueIssue[] {
  if (typeof unit.unit_type === 'string') return NO_ISSUES;
  return [{ path: [...at, 'unit_type'], message: UNIT_NEEDED, fatal: true }];
}

/** What can be doubtful about a voucher's type and the blocks that it names. */
export const VOUCHER_TYPE_ISSUES = {
  unclear: aboutType(
    'Expected a known type, or exactly one filled: discount, gift, loyalty_card',
    true,
  ),
  contradicted: aboutType('Expected the filled block to be the one that the type names', true),
  unknown: aboutType('A type that is not known here; the filled block decided', false),
  withoutValue: aboutType('No block of a value is filled; the value is not known', false),
  severalValues: aboutType('More than one block is filled; the type decided', false),
};

function aboutType(message: string, fatal: boolean): ValueIssue {
  return { path: ['type'], message, fatal };
}
