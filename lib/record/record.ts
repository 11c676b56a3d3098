import * as v from 'valibot';

/**
 * The contract with every consumer: one CloudEvents 1.0 JSON event for each webhook.
 *
 * Every key of `data` is always present, null when unknown. Money is a number as Voucherify sent it,
 * in hundredths of the project's currency. Dates are strings as Voucherify sent them. Both functions
 * use this schema: `receive` builds a record, `fanOut` rejects a message that is not one.
 */

/** Any keys, passed on unchanged. Not `v.record`, which leaves out keys such as `constructor`. */
const JsonObjectSchema = v.custom<Readonly<{ [key: string]: unknown }>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
  'Expected an object',
);

const NullableStringSchema = v.nullable(v.string());
const NullableNumberSchema = v.nullable(v.number());
const NullableBooleanSchema = v.nullable(v.boolean());

/** What is wrong in a webhook, and the path of it. Never the value. A warning has the same shape. */
export const IssueSchema = v.object({ path: v.string(), message: v.string() });
export type Issue = v.InferOutput<typeof IssueSchema>;

/** Why the webhook was sent. Webhooks of the project's settings are always `activity`. */
export const PurposeSchema = v.picklist(['code', 'promotion', 'message', 'activity']);
export type Purpose = v.InferOutput<typeof PurposeSchema>;

/** A formula decides the value at the checkout. The plain number is then the fallback. */
const formulaEntries = { formula: NullableStringSchema, fallback: v.boolean() };

/** `effect`: what the value applies to. `dynamic`: Voucherify says that the value is computed. */
const discountEntries = { effect: NullableStringSchema, dynamic: NullableBooleanSchema };

const ProductSchema = v.nullable(
  v.object({
    id: NullableStringSchema,
    sourceId: NullableStringSchema,
    name: NullableStringSchema,
  }),
);

/** One product or SKU that comes with the voucher. */
const UnitSchema = v.object({
  unitType: NullableStringSchema,
  unitOff: NullableNumberSchema,
  ...formulaEntries,
  effect: NullableStringSchema,
  product: ProductSchema,
  sku: ProductSchema,
});

/** The value of a voucher or a promotion tier. `form` says which variant it is. */
export const ValueSchema = v.variant('form', [
  v.object({
    form: v.literal('amount'),
    amountOff: NullableNumberSchema,
    totalLimit: NullableNumberSchema,
    currency: NullableStringSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({
    form: v.literal('percent'),
    percentOff: NullableNumberSchema,
    amountLimit: NullableNumberSchema,
    totalLimit: NullableNumberSchema,
    currency: NullableStringSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({
    form: v.literal('fixed'),
    fixedAmount: NullableNumberSchema,
    currency: NullableStringSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({ form: v.literal('units'), units: v.array(UnitSchema), ...discountEntries }),
  v.object({ form: v.literal('shipping'), ...discountEntries }),
  v.object({
    form: v.literal('gift'),
    amount: NullableNumberSchema,
    balance: NullableNumberSchema,
    currency: NullableStringSchema,
    effect: NullableStringSchema,
  }),
  v.object({
    form: v.literal('points'),
    points: NullableNumberSchema,
    balance: NullableNumberSchema,
    pending: NullableNumberSchema,
    expired: NullableNumberSchema,
    subtracted: NullableNumberSchema,
    nextExpiration: v.nullable(
      v.object({ date: NullableStringSchema, points: NullableNumberSchema }),
    ),
  }),
  v.object({ form: v.literal('unknown'), raw: v.unknown() }),
]);
export type Value = v.InferOutput<typeof ValueSchema>;

/** When a voucher or a promotion tier can be used. Day 0 is Sunday. Hours are strings as sent. */
const validityEntries = {
  startsAt: NullableStringSchema,
  expiresAt: NullableStringSchema,
  timeframe: v.nullable(
    v.object({ interval: NullableStringSchema, duration: NullableStringSchema }),
  ),
  daysOfWeek: v.nullable(v.array(v.number())),
  hours: v.nullable(
    v.array(
      v.object({
        startTime: NullableStringSchema,
        expirationTime: NullableStringSchema,
        daysOfWeek: v.nullable(v.array(v.number())),
      }),
    ),
  ),
};

/** Why a voucher cannot be used at `receivedAt`. */
export const UnusableReasonSchema = v.picklist([
  'inactive',
  'expired',
  'used_up',
  'publication_failed',
  'unreadable',
]);
export type UnusableReason = v.InferOutput<typeof UnusableReasonSchema>;

const ImageSchema = v.nullable(v.object({ id: NullableStringSchema, url: NullableStringSchema }));

/** A voucher: a coupon, a gift card or a loyalty card. `code` is a secret: whoever has it can use it. */
export const VoucherSchema = v.object({
  id: NullableStringSchema,
  code: NullableStringSchema,
  kind: v.nullable(v.picklist(['discount', 'gift', 'loyalty'])),
  value: v.nullable(ValueSchema),
  usable: v.boolean(),
  unusableReasons: v.array(UnusableReasonSchema),
  active: NullableBooleanSchema,
  ...validityEntries,
  redemptions: v.nullable(
    v.object({
      limit: NullableNumberSchema,
      used: NullableNumberSchema,
      left: NullableNumberSchema,
    }),
  ),
  campaignId: NullableStringSchema,
  campaignName: NullableStringSchema,
  holderId: NullableStringSchema,
  referrerId: NullableStringSchema,
  referralCode: NullableBooleanSchema,
  category: NullableStringSchema,
  categoryId: NullableStringSchema,
  assets: v.nullable(v.object({ qr: ImageSchema, barcode: ImageSchema })),
  metadata: v.nullable(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});
export type Voucher = v.InferOutput<typeof VoucherSchema>;

/** The distribution of the Distribution Manager that sent the webhook. */
export const DistributionSchema = v.object({
  id: NullableStringSchema,
  status: NullableStringSchema,
  channels: v.nullable(v.array(v.string())),
  consentsDisabled: NullableBooleanSchema,
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
  liveAt: NullableStringSchema,
});
export type Distribution = v.InferOutput<typeof DistributionSchema>;

/** The campaign. `kind`: discount, gift, loyalty, promotion or referral; an unknown kind is as sent. */
export const CampaignSchema = v.object({
  id: NullableStringSchema,
  name: NullableStringSchema,
  kind: NullableStringSchema,
  type: NullableStringSchema,
  category: NullableStringSchema,
  categoryId: NullableStringSchema,
  description: NullableStringSchema,
  active: NullableBooleanSchema,
  startsAt: NullableStringSchema,
  expiresAt: NullableStringSchema,
  referralCode: NullableBooleanSchema,
  metadata: v.nullable(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});
export type Campaign = v.InferOutput<typeof CampaignSchema>;

/** A tier of a promotion campaign. `value` is null in distributions, which do not send it. */
export const PromotionTierSchema = v.object({
  id: NullableStringSchema,
  name: NullableStringSchema,
  banner: NullableStringSchema,
  campaignId: NullableStringSchema,
  value: v.nullable(ValueSchema),
  active: NullableBooleanSchema,
  hierarchy: NullableNumberSchema,
  ...validityEntries,
  category: NullableStringSchema,
  categoryId: NullableStringSchema,
  metadata: v.nullable(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});
export type PromotionTier = v.InferOutput<typeof PromotionTierSchema>;

/** The customer that the webhook is about. `sourceId` is the merchant's own id. */
export const CustomerSchema = v.object({
  id: NullableStringSchema,
  sourceId: NullableStringSchema,
  name: NullableStringSchema,
  email: NullableStringSchema,
  phone: NullableStringSchema,
  birthdate: NullableStringSchema,
  description: NullableStringSchema,
  address: v.nullable(
    v.object({
      line1: NullableStringSchema,
      line2: NullableStringSchema,
      postalCode: NullableStringSchema,
      city: NullableStringSchema,
      state: NullableStringSchema,
      country: NullableStringSchema,
    }),
  ),
  metadata: v.nullable(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});
export type Customer = v.InferOutput<typeof CustomerSchema>;

/** The act of giving vouchers to a customer. Its id is the best business key: up to three webhooks report one act. */
export const PublicationSchema = v.object({
  id: NullableStringSchema,
  createdAt: NullableStringSchema,
  result: NullableStringSchema,
  channel: NullableStringSchema,
  trackingId: NullableStringSchema,
  sourceId: NullableStringSchema,
  customerId: NullableStringSchema,
  voucherIds: v.array(v.string()),
  metadata: v.nullable(JsonObjectSchema),
});
export type Publication = v.InferOutput<typeof PublicationSchema>;

/** The `data` of a record: everything that is not an attribute of CloudEvents. */
export const RecordDataSchema = v.object({
  purpose: PurposeSchema,
  distributionLabel: NullableStringSchema,
  test: v.boolean(),
  receivedAt: v.string(),
  distribution: v.nullable(DistributionSchema),
  campaign: v.nullable(CampaignSchema),
  voucher: v.nullable(VoucherSchema),
  otherVouchers: v.array(VoucherSchema),
  promotionTier: v.nullable(PromotionTierSchema),
  customer: v.nullable(CustomerSchema),
  publication: v.nullable(PublicationSchema),
  unmapped: JsonObjectSchema,
  warnings: v.array(IssueSchema),
});
export type RecordData = v.InferOutput<typeof RecordDataSchema>;

/** The version of this contract. Its JSON Schema is `docs/record.schema.json`. */
export const RECORD_SCHEMA_ID = 'urn:voucher-relay:record:1';

const NonEmptyStringSchema = v.pipe(v.string(), v.nonEmpty());

/** A record: a CloudEvent 1.0 in JSON. docs/record.md describes every field. */
export const RelayRecordSchema = v.object({
  specversion: v.literal('1.0'),
  id: NonEmptyStringSchema,
  source: NonEmptyStringSchema,
  type: NonEmptyStringSchema,
  subject: v.exactOptional(NonEmptyStringSchema),
  time: NonEmptyStringSchema,
  datacontenttype: v.literal('application/json'),
  dataschema: NonEmptyStringSchema,
  data: RecordDataSchema,
});
export type RelayRecord = v.InferOutput<typeof RelayRecordSchema>;
