import { type DiscountObject, discountVariant } from '../voucherify/discount.ts';
import {
  filledKinds,
  kindOfType,
  type VoucherKind,
  type VoucherObject,
} from '../voucherify/voucher.ts';
import { type Doubt, doubtsOfDiscount, needed, TYPE_DOUBTS } from './discount.ts';
import type { Place } from './field-map.ts';
import type { Value } from '../record/record.ts';
import {
  DISCOUNT_PLACES,
  GIFT_PLACE,
  LOYALTY_CARD_PLACE,
  valueOfDiscount,
  valueOfGift,
  valueOfLoyaltyCard,
} from './value.ts';

/** What a voucher is worth, and which key of the voucher says so. */
export interface Worth {
  readonly kind: VoucherKind | null;
  readonly value: Value | null;
  readonly block: 'discount' | 'gift' | 'loyalty_card' | null;
  readonly place: Place | null;
  readonly doubts: readonly Doubt[];
}

/**
 * Reads a voucher's worth. Its type decides which block counts; without a type, exactly one block
 * must be filled (vendor facts, sections 4, 7 and 8).
 * @param currency ISO 4217, or null when the settings name none
 */
export function worthOf(voucher: VoucherObject, currency: string | null): Worth {
  const named = kindOfType(voucher.type);
  const filled = filledKinds(voucher);
  const [only] = filled;
  if (named === null) {
    if (filled.length !== 1 || only === undefined) return worthless(null, [TYPE_DOUBTS.unclear]);
    const worth = worthOfKind(voucher, only, currency);
    return typeof voucher.type === 'string' ? doubting(worth, TYPE_DOUBTS.unknown) : worth;
  }
  if (!filled.includes(named)) {
    return worthless(named, [
      filled.length === 0 ? TYPE_DOUBTS.withoutValue : TYPE_DOUBTS.contradicted,
    ]);
  }
  const worth = worthOfKind(voucher, named, currency);
  return filled.length === 1 ? worth : doubting(worth, TYPE_DOUBTS.severalValues);
}

function worthOfKind(voucher: VoucherObject, kind: VoucherKind, currency: string | null): Worth {
  switch (kind) {
    case 'discount':
      return voucher.discount ? worthOfDiscount(voucher.discount, currency) : worthless(kind, []);
    case 'gift': {
      if (!voucher.gift) return worthless(kind, []);
      return {
        kind,
        block: 'gift',
        place: GIFT_PLACE,
        value: valueOfGift(voucher.gift, currency),
        doubts: needed(voucher.gift.amount, ['gift', 'amount']),
      };
    }
    case 'loyalty': {
      if (!voucher.loyalty_card) return worthless(kind, []);
      return {
        kind,
        block: 'loyalty_card',
        place: LOYALTY_CARD_PLACE,
        value: valueOfLoyaltyCard(voucher.loyalty_card),
        doubts: needed(voucher.loyalty_card.points, ['loyalty_card', 'points']),
      };
    }
  }
}

function worthOfDiscount(discount: DiscountObject, currency: string | null): Worth {
  const { form } = discountVariant(discount);
  return {
    kind: 'discount',
    block: 'discount',
    place: DISCOUNT_PLACES[form],
    value: valueOfDiscount(discount, currency),
    doubts: doubtsOfDiscount(discount, ['discount']),
  };
}

function worthless(kind: VoucherKind | null, doubts: readonly Doubt[]): Worth {
  return { kind, value: null, block: null, place: null, doubts };
}

function doubting(worth: Worth, doubt: Doubt): Worth {
  return { ...worth, doubts: [...worth.doubts, doubt] };
}
