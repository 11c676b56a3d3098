import * as v from 'valibot';
import {
  CodeField,
  createObjectField,
  createListSchema,
  EXPECTED_OBJECT,
  IdField,
  MetadataField,
  NumberField,
  SignedNumberField,
  StringField,
  TimeField,
} from './fields.ts';

/**
 * The transactions of Loyalty v2 (vendor facts on workflows, section 4). One shape for all 24 types and
 * for those to come: which fields are present depends on the type.
 */

/** An object of which only the id is sent. */
const VoucherifyReferenceSchema = v.object({ id: IdField }, EXPECTED_OBJECT);

const VoucherifyPointsSchema = v.object(
  { total: SignedNumberField, expiration_date: TimeField, date: TimeField },
  EXPECTED_OBJECT,
);
/** The points that a transaction moves. Only those of ADMIN_DEBIT are negative. */
export type VoucherifyPoints = v.InferInput<typeof VoucherifyPointsSchema>;

const VoucherifyBucketSchema = v.object(
  {
    points: createObjectField(v.object({ total: SignedNumberField }, EXPECTED_OBJECT)),
    expiration_date: TimeField,
  },
  EXPECTED_OBJECT,
);
/** Points that expire on one day, which somebody made expire by hand. */
export type VoucherifyBucket = v.InferInput<typeof VoucherifyBucketSchema>;

const VoucherifyPaymentSchema = v.object({ points_spent: SignedNumberField }, EXPECTED_OBJECT);
/** The payment of an order with points. The unit of its exchange ratio is not documented. */
export type VoucherifyPayment = v.InferInput<typeof VoucherifyPaymentSchema>;

const VoucherifyCouponResultSchema = v.object(
  { id: IdField, code: CodeField, result: StringField },
  EXPECTED_OBJECT,
);
/** A discount coupon that a reward gave, or that its refund took back (`result`). */
export type VoucherifyCouponResult = v.InferInput<typeof VoucherifyCouponResultSchema>;

const VoucherifyGiftResultSchema = v.object(
  {
    id: IdField,
    code: CodeField,
    amount: SignedNumberField,
    balance: NumberField,
    result: StringField,
  },
  EXPECTED_OBJECT,
);
/** A gift card that a reward gave or loaded. A refund that takes credit back has a negative amount. */
export type VoucherifyGiftResult = v.InferInput<typeof VoucherifyGiftResultSchema>;

const VoucherifyPointsResultSchema = v.object(
  { points: SignedNumberField, card_id: IdField },
  EXPECTED_OBJECT,
);
/** Points that a reward put on a card. */
export type VoucherifyPointsResult = v.InferInput<typeof VoucherifyPointsResultSchema>;

const VoucherifyDigitalResultSchema = v.object(
  {
    discount_coupons: v.nullish(createListSchema(VoucherifyCouponResultSchema)),
    gift_vouchers: v.nullish(createListSchema(VoucherifyGiftResultSchema)),
    loyalty_card_points: createObjectField(VoucherifyPointsResultSchema),
  },
  EXPECTED_OBJECT,
);
/** What a digital reward gave. */
export type VoucherifyDigitalResult = v.InferInput<typeof VoucherifyDigitalResultSchema>;

const VoucherifyMaterialResultSchema = v.object(
  {
    product: createObjectField(VoucherifyReferenceSchema),
    sku: createObjectField(v.object({ id: IdField, product_id: IdField }, EXPECTED_OBJECT)),
  },
  EXPECTED_OBJECT,
);
/** The goods that a reward or a benefit gave. */
export type VoucherifyMaterialResult = v.InferInput<typeof VoucherifyMaterialResultSchema>;

const VoucherifyBenefitResultSchema = v.object(
  {
    material: createObjectField(VoucherifyMaterialResultSchema),
    digital: createObjectField(v.object({ type: StringField }, EXPECTED_OBJECT)),
    voucher_id: IdField,
    code: CodeField,
    balance: NumberField,
    result: StringField,
  },
  EXPECTED_OBJECT,
);
/**
 * What a benefit gave. Its code is beside `digital`, not in it. A `result` is documented for rewards
 * only; it is read here, too, so that no code is handed out that was taken back.
 */
export type VoucherifyBenefitResult = v.InferInput<typeof VoucherifyBenefitResultSchema>;

const VoucherifyResultSchema = v.object(
  {
    quantity: NumberField,
    material: createObjectField(VoucherifyMaterialResultSchema),
    digital: createObjectField(VoucherifyDigitalResultSchema),
    details: createObjectField(VoucherifyBenefitResultSchema),
  },
  EXPECTED_OBJECT,
);
/** What a reward gave or took back, and in `details` what a benefit gave. */
export type VoucherifyResult = v.InferInput<typeof VoucherifyResultSchema>;

const detailsFields = {
  reason: StringField,
  metadata: MetadataField,
  bucket: createObjectField(VoucherifyBucketSchema),
  payment: createObjectField(VoucherifyPaymentSchema),
  order: createObjectField(VoucherifyReferenceSchema),
  reward: createObjectField(VoucherifyReferenceSchema),
  tier_from: IdField,
  tier_to: IdField,
  start_at: TimeField,
  expires_at: TimeField,
  result: createObjectField(VoucherifyResultSchema),
};

const transactionFields = {
  id: IdField,
  object: StringField,
  type: StringField,
  status: StringField,
  program_id: IdField,
  member_id: IdField,
  card_id: IdField,
  card_definition_id: IdField,
  card_type: StringField,
  card_transaction_id: IdField,
  order_id: IdField,
  reward_id: IdField,
  benefit_id: IdField,
  earning_rule_id: IdField,
  tier_structure_id: IdField,
  tier_id: IdField,
  created_at: TimeField,
  updated_at: TimeField,
};

/** A transaction that is not about a tier: its `details.points`, if any, is an object. */
export const VoucherifyTransactionSchema = v.object(
  {
    ...transactionFields,
    details: createObjectField(
      v.object(
        { ...detailsFields, points: createObjectField(VoucherifyPointsSchema) },
        EXPECTED_OBJECT,
      ),
    ),
  },
  EXPECTED_OBJECT,
);
export type VoucherifyTransaction = v.InferInput<typeof VoucherifyTransactionSchema>;

/** A transaction of a tier, whose `details.points` is a number: the points that decided about it. */
export const VoucherifyTierTransactionSchema = v.object(
  {
    ...transactionFields,
    details: createObjectField(
      v.object({ ...detailsFields, points: SignedNumberField }, EXPECTED_OBJECT),
    ),
  },
  EXPECTED_OBJECT,
);
export type VoucherifyTierTransaction = v.InferInput<typeof VoucherifyTierTransactionSchema>;
