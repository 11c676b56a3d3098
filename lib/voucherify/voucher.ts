import * as v from 'valibot';
import { DiscountSchema } from './discount.ts';
import {
  EXPECTED_OBJECT,
  FlagField,
  FreeField,
  NumberField,
  IdField,
  TextField,
  TimeField,
} from './fields.ts';
import { validityFields } from './validity.ts';

const ImageSchema = v.nullish(v.object({ id: TextField, url: TextField }, EXPECTED_OBJECT));

export const GiftSchema = v.object(
  { amount: NumberField, balance: NumberField, effect: TextField },
  EXPECTED_OBJECT,
);
export type GiftObject = v.InferInput<typeof GiftSchema>;

export const LoyaltyCardSchema = v.object(
  {
    points: NumberField,
    balance: NumberField,
    pending_points: NumberField,
    expired_points: NumberField,
    subtracted_points: NumberField,
    next_expiration_date: TimeField,
    next_expiration_points: NumberField,
  },
  EXPECTED_OBJECT,
);
export type LoyaltyCardObject = v.InferInput<typeof LoyaltyCardSchema>;

/** A voucher in any of its forms: simple, long, or the short one of a bare publication. */
export const VoucherSchema = v.object(
  {
    id: IdField,
    code: IdField,
    type: TextField,
    discount: v.nullish(DiscountSchema),
    gift: v.nullish(GiftSchema),
    loyalty_card: v.nullish(LoyaltyCardSchema),
    active: FlagField,
    ...validityFields,
    redemption: v.nullish(
      v.object({ quantity: NumberField, redeemed_quantity: NumberField }, EXPECTED_OBJECT),
    ),
    campaign: TextField,
    campaign_id: TextField,
    holder_id: TextField,
    referrer_id: TextField,
    is_referral_code: FlagField,
    category: TextField,
    category_id: TextField,
    assets: v.nullish(v.object({ qr: ImageSchema, barcode: ImageSchema }, EXPECTED_OBJECT)),
    metadata: FreeField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherObject = v.InferInput<typeof VoucherSchema>;

export type VoucherKind = 'discount' | 'gift' | 'loyalty';

const KINDS: ReadonlyMap<string, VoucherKind> = new Map([
  ['DISCOUNT_VOUCHER', 'discount'],
  ['GIFT_VOUCHER', 'gift'],
  ['LOYALTY_CARD', 'loyalty'],
]);

/** The kind that a voucher's type stands for; null when the type is missing or not known. */
export function kindOfType(type: string | null | undefined): VoucherKind | null {
  return typeof type === 'string' ? (KINDS.get(type) ?? null) : null;
}

/** The kinds whose block (discount, gift, loyalty card) is filled; by the facts exactly one is. */
export function filledKinds(voucher: VoucherObject): readonly VoucherKind[] {
  const kinds: VoucherKind[] = [];
  if (voucher.discount) kinds.push('discount');
  if (voucher.gift) kinds.push('gift');
  if (voucher.loyalty_card) kinds.push('loyalty');
  return kinds;
}
