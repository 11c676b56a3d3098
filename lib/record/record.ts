import * as v from 'valibot';

/**
 * The contract with every consumer: one CloudEvents 1.0 JSON event a webhook.
 *
 * Every key of `data` is always there, null when unknown. Money is an integer as Voucherify sent it,
 * in hundredths of the project's currency. Dates are the sender's own RFC 3339 text. Both functions
 * use this one schema: `receive` builds a record, `fanOut` refuses a message that is not one.
 */

/** Free keys, handed on untouched. Not `v.record`, which would leave out keys such as `constructor`. */
const FreeObjectSchema = v.custom<Readonly<{ [key: string]: unknown }>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
  'Expected an object',
);

const TextSchema = v.nullable(v.string());
const NumberSchema = v.nullable(v.number());
const FlagSchema = v.nullable(v.boolean());

/** What was odd but tolerated, or wrong and refused: where in the webhook, and what. Never the value. */
export const IssueSchema = v.object({ path: v.string(), message: v.string() });
export type Issue = v.InferOutput<typeof IssueSchema>;

/** Why the sender sent it. Webhooks of the project settings are always `activity`. */
export const PurposeSchema = v.picklist(['code', 'promotion', 'message', 'activity']);
export type Purpose = v.InferOutput<typeof PurposeSchema>;

/** A formula decides the value at the checkout; the plain number is then only the fallback. */
const formulaEntries = { formula: TextSchema, fallback: v.boolean() };

/** `dynamic`: the sender says that the value is computed. `effect`: what the value is applied to. */
const discountEntries = { effect: TextSchema, dynamic: FlagSchema };

const GoodSchema = v.nullable(v.object({ id: TextSchema, sourceId: TextSchema, name: TextSchema }));

/** One product or SKU that comes with the voucher. */
const UnitSchema = v.object({
  unitType: TextSchema,
  unitOff: NumberSchema,
  ...formulaEntries,
  effect: TextSchema,
  product: GoodSchema,
  sku: GoodSchema,
});

/** What a voucher or a promotion is worth, told apart by `form`. */
export const ValueSchema = v.variant('form', [
  v.object({
    form: v.literal('amount'),
    amountOff: NumberSchema,
    totalLimit: NumberSchema,
    currency: TextSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({
    form: v.literal('percent'),
    percentOff: NumberSchema,
    amountLimit: NumberSchema,
    totalLimit: NumberSchema,
    currency: TextSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({
    form: v.literal('fixed'),
    fixedAmount: NumberSchema,
    currency: TextSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({ form: v.literal('units'), units: v.array(UnitSchema), ...discountEntries }),
  v.object({ form: v.literal('shipping'), ...discountEntries }),
  v.object({
    form: v.literal('gift'),
    amount: NumberSchema,
    balance: NumberSchema,
    currency: TextSchema,
    effect: TextSchema,
  }),
  v.object({
    form: v.literal('points'),
    points: NumberSchema,
    balance: NumberSchema,
    pending: NumberSchema,
    expired: NumberSchema,
    subtracted: NumberSchema,
    nextExpiration: v.nullable(v.object({ date: TextSchema, points: NumberSchema })),
  }),
  v.object({ form: v.literal('unknown'), raw: v.unknown() }),
]);
export type Value = v.InferOutput<typeof ValueSchema>;

/** When, within its dates, something can be used. Days: 0 is Sunday. Hours: the sender's own text. */
const validityEntries = {
  startsAt: TextSchema,
  expiresAt: TextSchema,
  timeframe: v.nullable(v.object({ interval: TextSchema, duration: TextSchema })),
  daysOfWeek: v.nullable(v.array(v.number())),
  hours: v.nullable(
    v.array(
      v.object({
        startTime: TextSchema,
        expirationTime: TextSchema,
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

const ImageSchema = v.nullable(v.object({ id: TextSchema, url: TextSchema }));

/** A voucher: a coupon, a gift card or a loyalty card. `code` is what the customer types: a secret. */
export const VoucherSchema = v.object({
  id: TextSchema,
  code: TextSchema,
  kind: v.nullable(v.picklist(['discount', 'gift', 'loyalty'])),
  value: v.nullable(ValueSchema),
  usable: v.boolean(),
  unusableBecause: v.array(UnusableReasonSchema),
  active: FlagSchema,
  ...validityEntries,
  redemptions: v.nullable(
    v.object({ limit: NumberSchema, used: NumberSchema, left: NumberSchema }),
  ),
  campaignId: TextSchema,
  campaignName: TextSchema,
  holderId: TextSchema,
  referrerId: TextSchema,
  referralCode: FlagSchema,
  category: TextSchema,
  categoryId: TextSchema,
  assets: v.nullable(v.object({ qr: ImageSchema, barcode: ImageSchema })),
  metadata: v.nullable(FreeObjectSchema),
  createdAt: TextSchema,
  updatedAt: TextSchema,
});
export type Voucher = v.InferOutput<typeof VoucherSchema>;

/** The distribution of the Distribution Manager that sent the webhook. */
export const DistributionSchema = v.object({
  id: TextSchema,
  status: TextSchema,
  channels: v.nullable(v.array(v.string())),
  consentsDisabled: FlagSchema,
  createdAt: TextSchema,
  updatedAt: TextSchema,
  liveAt: TextSchema,
});
export type Distribution = v.InferOutput<typeof DistributionSchema>;

/** The campaign. `kind`: discount, gift, loyalty, promotion, referral; a kind unknown here stays as sent. */
export const CampaignSchema = v.object({
  id: TextSchema,
  name: TextSchema,
  kind: TextSchema,
  type: TextSchema,
  category: TextSchema,
  categoryId: TextSchema,
  description: TextSchema,
  active: FlagSchema,
  startsAt: TextSchema,
  expiresAt: TextSchema,
  referralCode: FlagSchema,
  metadata: v.nullable(FreeObjectSchema),
  createdAt: TextSchema,
  updatedAt: TextSchema,
});
export type Campaign = v.InferOutput<typeof CampaignSchema>;

/** A tier of a promotion campaign. A distribution sends it without its value, which is then null. */
export const PromotionTierSchema = v.object({
  id: TextSchema,
  name: TextSchema,
  banner: TextSchema,
  campaignId: TextSchema,
  value: v.nullable(ValueSchema),
  active: FlagSchema,
  hierarchy: NumberSchema,
  ...validityEntries,
  category: TextSchema,
  categoryId: TextSchema,
  metadata: v.nullable(FreeObjectSchema),
  createdAt: TextSchema,
  updatedAt: TextSchema,
});
export type PromotionTier = v.InferOutput<typeof PromotionTierSchema>;

/** Whom it is for. `sourceId` is the merchant's own id. */
export const CustomerSchema = v.object({
  id: TextSchema,
  sourceId: TextSchema,
  name: TextSchema,
  email: TextSchema,
  phone: TextSchema,
  birthdate: TextSchema,
  description: TextSchema,
  address: v.nullable(
    v.object({
      line1: TextSchema,
      line2: TextSchema,
      postalCode: TextSchema,
      city: TextSchema,
      state: TextSchema,
      country: TextSchema,
    }),
  ),
  metadata: v.nullable(FreeObjectSchema),
  createdAt: TextSchema,
  updatedAt: TextSchema,
});
export type Customer = v.InferOutput<typeof CustomerSchema>;

/** The act of giving vouchers to a customer. The best business key: one act can be told three times. */
export const PublicationSchema = v.object({
  id: TextSchema,
  createdAt: TextSchema,
  result: TextSchema,
  channel: TextSchema,
  trackingId: TextSchema,
  sourceId: TextSchema,
  customerId: TextSchema,
  voucherIds: v.array(v.string()),
  metadata: v.nullable(FreeObjectSchema),
});
export type Publication = v.InferOutput<typeof PublicationSchema>;

export const RecordDataSchema = v.object({
  purpose: PurposeSchema,
  distributionLabel: TextSchema,
  test: v.boolean(),
  receivedAt: v.string(),
  distribution: v.nullable(DistributionSchema),
  campaign: v.nullable(CampaignSchema),
  voucher: v.nullable(VoucherSchema),
  otherVouchers: v.array(VoucherSchema),
  promotionTier: v.nullable(PromotionTierSchema),
  customer: v.nullable(CustomerSchema),
  publication: v.nullable(PublicationSchema),
  rest: FreeObjectSchema,
  warnings: v.array(IssueSchema),
});
export type RecordData = v.InferOutput<typeof RecordDataSchema>;

/** Names the version of this contract; `docs/record.schema.json` is the schema that it stands for. */
export const RECORD_SCHEMA_ID = 'urn:voucher-relay:record:1';

const PresentTextSchema = v.pipe(v.string(), v.nonEmpty());

export const RelayRecordSchema = v.object({
  specversion: v.literal('1.0'),
  id: PresentTextSchema,
  source: PresentTextSchema,
  type: PresentTextSchema,
  subject: v.exactOptional(PresentTextSchema),
  time: PresentTextSchema,
  datacontenttype: v.literal('application/json'),
  dataschema: PresentTextSchema,
  data: RecordDataSchema,
});
export type RelayRecord = v.InferOutput<typeof RelayRecordSchema>;
