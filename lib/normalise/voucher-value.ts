import { type VoucherifyDiscount, discountVariant } from '../voucherify/discount.ts';
import {
  presentKinds,
  toVoucherKind,
  type VoucherKind,
  type VoucherifyVoucher,
} from '../voucherify/voucher.ts';
import { type ValueIssue, checkDiscount, requireNumber, VOUCHER_TYPE_ISSUES } from './discount.ts';
import type { FieldRule } from './field-map.ts';
import type { Value } from '../record/record.ts';
import {
  DISCOUNT_RULES,
  GIFT_RULE,
  LOYALTY_CARD_RULE,
  toDiscountValue,
  toGiftValue,
  toPointsValue,
} from './value.ts';

/** What a voucher is worth, and which key of the voucher says so. */
export interface ParsedValue {
  readonly kind: VoucherKind | null;
  readonly value: Value | null;
  readonly block: 'discount' | 'gift' | 'loyalty_card' | null;
  readonly fieldRule: FieldRule | null;
  readonly valueIssues: readonly ValueIssue[];
}

/**
 * Reads a voucher's worth. Its type decides which block counts; without a type, exactly one block
 * must be filled (vendor facts, sections 4, 7 and 8).
 * @param currency ISO 4217, or null when the settings name none
 */
export function parseVoucherValue(
  voucher: VoucherifyVoucher,
  currency: string | null,
): ParsedValue {
  const named = toVoucherKind(voucher.type);
  const filled = presentKinds(voucher);
  const [only] = filled;
  if (named === null) {
    if (filled.length !== 1 || only === undefined)
      return worthless(null, [VOUCHER_TYPE_ISSUES.unclear]);
    const worth = worthOfKind(voucher, only, currency);
    return typeof voucher.type === 'string' ? doubting(worth, VOUCHER_TYPE_ISSUES.unknown) : worth;
  }
  if (!filled.includes(named)) {
    return worthless(named, [
      filled.length === 0 ? VOUCHER_TYPE_ISSUES.withoutValue : VOUCHER_TYPE_ISSUES.contradicted,
    ]);
  }
  const worth = worthOfKind(voucher, named, currency);
  return filled.length === 1 ? worth : doubting(worth, VOUCHER_TYPE_ISSUES.severalValues);
}

function worthOfKind(
  voucher: VoucherifyVoucher,
  kind: VoucherKind,
  currency: string | null,
): ParsedValue {
  switch (kind) {
    case 'discount':
      return voucher.discount ? worthOfDiscount(voucher.discount, currency) : worthless(kind, []);
    case 'gift': {
      if (!voucher.gift) return worthless(kind, []);
      return {
        kind,
        block: 'gift',
        fieldRule: GIFT_RULE,
        value: toGiftValue(voucher.gift, currency),
        valueIssues: requireNumber(voucher.gift.amount, ['gift', 'amount']),
      };
    }
    case 'loyalty': {
      if (!voucher.loyalty_card) return worthless(kind, []);
      return {
        kind,
        block: 'loyalty_card',
        fieldRule: LOYALTY_CARD_RULE,
        value: toPointsValue(voucher.loyalty_card),
        valueIssues: requireNumber(voucher.loyalty_card.points, ['loyalty_card', 'points']),
      };
    }
  }
}

function worthOfDiscount(discount: VoucherifyDiscount, currency: string | null): ParsedValue {
  const { form } = discountVariant(discount);
  return {
    kind: 'discount',
    block: 'discount',
    fieldRule: DISCOUNT_RULES[form],
    value: toDiscountValue(discount, currency),
    valueIssues: checkDiscount(discount, ['discount']),
  };
}

function worthless(kind: VoucherKind | null, valueIssues: readonly ValueIssue[]): ParsedValue {
  return { kind, value: null, block: null, fieldRule: null, valueIssues };
}

function doubting(worth: ParsedValue, valueIssue: ValueIssue): ParsedValue {
  return { ...worth, valueIssues: [...worth.valueIssues, valueIssue] };
}
