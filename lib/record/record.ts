import * as v from 'valibot';

/**
 * The contract with every consumer: one CloudEvents 1.0 JSON event a webhook.
 *
 * Every key of `data` is always there, null when unknown. Money is an integer as Voucherify sent it,
 * in hundredths of the project's currency. Dates are the sender's own RFC 3339 text. Both functions
 * use this one schema: `receive` builds a record, `fanOut` refuses a message that is not one.
 */

/** Free keys, handed on untouched. Not `v.record`, which would leave out keys such as `constructor`. */
const JsonObjectSchema = v.custom<Readonly<{ [key: string]: unknown }>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
  'Expected an object',
);

const NullableStringSchema = v.nullable(v.string());
const NullableNumberSchema = v.nullable(v.number());
const NullableBooleanSchema = v.nullable(v.boolean());

/** What was odd but tolerated, or wrong and refused: where in the webhook, and what. Never the value. */
export const IssueSchema = v.object({ path: v.string(), message: v.string() });
export type Issue = v.InferOutput<typeof IssueSchema>;

/** Why the sender sent it. Webhooks of the project settings are always `activity`. */
export const PurposeSchema = v.picklist(['code', 'promotion', 'message', 'activity']);
export type Purpose = v.InferOutput<typeof PurposeSchema>;

/** A formula decides the value at the checkout; the plain number is then only the fallback. */
const formulaEntries = { formula: NullableStringSchema, fallback: v.boolean() };

/** `dynamic`: the sender says that the value is computed. `effect`: what the value is applied to. */
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

/** What a voucher or a promotion is worth, told apart by `form`. */
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

/** When, within its dates, something can be used. Days: 0 is Sunday. Hours: the sender's own text. */
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

/** What speaks against using a voucher at `receivedAt`. */
export const UnusableReasonSchema = v.picklist([
  'inactive',
  'expired',
  'used_up',
  'publication_failed',
]);
export type UnusableReason = v.InferOutput<typeof UnusableReasonSchema>;

const ImageSchema = v.nullable(v.object({ id: NullableStringSchema, url: NullableStringSchema }));

/** A voucher: a coupon, a gift card or a loyalty card. `code` is what the customer types: a secret. */
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

/** The campaign. `kind`: discount, gift, loyalty, promotion, referral; a kind unknown here stays as sent. */
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

/** A tier of a promotion campaign. A distribution sends it without its value, which is then null. */
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

/** Whom it is for. `sourceId` is the merchant's own id. */
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

/** The act of giving vouchers to a customer. The best business key: one act can be told three times. */
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

/** Names the version of this contract; `docs/record.schema.json` is the schema that it stands for. */
export const RECORD_SCHEMA_ID = 'urn:voucher-relay:record:1';

const NonEmptyStringSchema = v.pipe(v.string(), v.nonEmpty());

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
