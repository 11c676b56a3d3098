import * as v from 'valibot';
import { VoucherifyDiscountSchema } from './discount.ts';
import {
  createObjectField,
  EXPECTED_OBJECT,
  BooleanField,
  MetadataField,
  NumberField,
  CodeField,
  IdField,
  StringField,
  TimeField,
} from './fields.ts';
import { validityFields } from './validity.ts';

const VoucherifyImageSchema = v.object({ id: StringField, url: StringField }, EXPECTED_OBJECT);
/** An image of a code, with its URL. */
export type VoucherifyImage = v.InferInput<typeof VoucherifyImageSchema>;

const VoucherifyAssetsSchema = v.object(
  {
    qr: createObjectField(VoucherifyImageSchema),
    barcode: createObjectField(VoucherifyImageSchema),
  },
  EXPECTED_OBJECT,
);
/** The QR code and the barcode of a voucher. */
export type VoucherifyAssets = v.InferInput<typeof VoucherifyAssetsSchema>;

const VoucherifyRedemptionsSchema = v.object(
  { quantity: NumberField, redeemed_quantity: NumberField },
  EXPECTED_OBJECT,
);
/** How often a voucher can be redeemed, and was redeemed. */
export type VoucherifyRedemptions = v.InferInput<typeof VoucherifyRedemptionsSchema>;

/** The gift card block of a voucher; amounts in hundredths. */
export const VoucherifyGiftSchema = v.object(
  { amount: NumberField, balance: NumberField, effect: StringField },
  EXPECTED_OBJECT,
);
export type VoucherifyGift = v.InferInput<typeof VoucherifyGiftSchema>;

/** The loyalty card block of a voucher, in points. */
export const VoucherifyLoyaltyCardSchema = v.object(
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
export type VoucherifyLoyaltyCard = v.InferInput<typeof VoucherifyLoyaltyCardSchema>;

/** A voucher in any form: simple, long, or the short form in a publication alone (vendor facts, section 4). */
export const VoucherifyVoucherSchema = v.object(
  {
    id: IdField,
    code: CodeField,
    type: StringField,
    discount: createObjectField(VoucherifyDiscountSchema),
    gift: createObjectField(VoucherifyGiftSchema),
    loyalty_card: createObjectField(VoucherifyLoyaltyCardSchema),
    active: BooleanField,
    ...validityFields,
    redemption: createObjectField(VoucherifyRedemptionsSchema),
    campaign: StringField,
    campaign_id: IdField,
    holder_id: IdField,
    referrer_id: IdField,
    is_referral_code: BooleanField,
    category: StringField,
    category_id: IdField,
    assets: createObjectField(VoucherifyAssetsSchema),
    metadata: MetadataField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyVoucher = v.InferInput<typeof VoucherifyVoucherSchema>;

/** What a voucher is, by its type. */
export type VoucherKind = 'discount' | 'gift' | 'loyalty';

const KIND_BY_TYPE: ReadonlyMap<string, VoucherKind> = new Map([
  ['DISCOUNT_VOUCHER', 'discount'],
  ['GIFT_VOUCHER', 'gift'],
  ['LOYALTY_CARD', 'loyalty'],
]);

/** Returns the kind that a voucher's type means; null when the type is missing or unknown. */
export function toVoucherKind(type: string | null | undefined): VoucherKind | null {
  return typeof type === 'string' ? (KIND_BY_TYPE.get(type) ?? null) : null;
}

/** Returns the kinds whose block is present. In Voucherify's examples it is exactly one (vendor facts, section 5). */
export function findPresentKinds(voucher: VoucherifyVoucher): readonly VoucherKind[] {
  const kinds: VoucherKind[] = [];
  if (voucher.discount) kinds.push('discount');
  if (voucher.gift) kinds.push('gift');
  if (voucher.loyalty_card) kinds.push('loyalty');
  return kinds;
}
