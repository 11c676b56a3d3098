import * as v from 'valibot';

/**
 * The contract with every consumer: one CloudEvents 1.0 JSON event for each webhook.
 *
 * Every key of `data` is always written, null when unknown. Money is a number as Voucherify sent it,
 * in hundredths of the project's currency. Dates are strings as Voucherify sent them. Both functions
 * use this schema: `receive` builds a record, `fanOut` rejects a message that is not one.
 *
 * A record can be older than a key: it waits on queues for days, across deploys. A key that is missing
 * is read as unknown. It is an error only where unknown would change what is done: a key that says
 * what to do, for whom, with which code and value, and until when. These are the keys without a
 * default below; most of them quarantine a code too when they cannot be read (lib/normalise/validate.ts).
 * A new key always needs a default.
 */

/** Any keys, passed on unchanged. Not `v.record`, which leaves out keys such as `constructor`. */
const JsonObjectSchema = v.custom<Readonly<{ [key: string]: unknown }>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
  'Expected an object',
);

/** Unknown when it is null or missing. */
function unknownIfMissing<const Schema extends v.GenericSchema>(
  schema: Schema,
): v.NullishSchema<Schema, null> {
  return v.nullish(schema, null);
}

/** Empty when it is missing. */
function emptyIfMissing<const Item extends v.GenericSchema>(
  item: Item,
): v.OptionalSchema<v.ArraySchema<Item, undefined>, () => never[]> {
  return v.optional(v.array(item), () => []);
}

const NullableStringSchema = unknownIfMissing(v.string());
const NullableNumberSchema = unknownIfMissing(v.number());
const NullableBooleanSchema = unknownIfMissing(v.boolean());

// Never missing: null is a statement here, and nobody made it.
const StatedStringSchema = v.nullable(v.string());
const StatedNumberSchema = v.nullable(v.number());
const StatedBooleanSchema = v.nullable(v.boolean());

/** What is wrong in a webhook, and the path of it. Never the value. A warning has the same shape. */
export const IssueSchema = v.object({ path: v.string(), message: v.string() });
export type Issue = v.InferOutput<typeof IssueSchema>;

/** Why the webhook was sent. Webhooks of the project's settings and of workflows are always `activity`. */
export const PurposeSchema = v.picklist(['code', 'promotion', 'message', 'activity']);
export type Purpose = v.InferOutput<typeof PurposeSchema>;

/** A formula decides the value at the checkout. The plain number is then the fallback. */
const formulaEntries = { formula: StatedStringSchema, fallback: v.boolean() };

/** `effect`: what the value applies to. `dynamic`: Voucherify says that the value is computed. */
const discountEntries = { effect: NullableStringSchema, dynamic: NullableBooleanSchema };

const ProductSchema = unknownIfMissing(
  v.object({
    id: NullableStringSchema,
    sourceId: NullableStringSchema,
    name: NullableStringSchema,
  }),
);

/** One product or SKU that comes with the voucher. */
const UnitSchema = v.object({
  unitType: StatedStringSchema,
  unitOff: StatedNumberSchema,
  ...formulaEntries,
  effect: NullableStringSchema,
  product: ProductSchema,
  sku: ProductSchema,
});

/** The value of a voucher or a promotion tier. `form` says which variant it is. */
export const ValueSchema = v.variant('form', [
  v.object({
    form: v.literal('amount'),
    amountOff: StatedNumberSchema,
    totalLimit: StatedNumberSchema,
    currency: NullableStringSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({
    form: v.literal('percent'),
    percentOff: StatedNumberSchema,
    amountLimit: StatedNumberSchema,
    totalLimit: StatedNumberSchema,
    currency: NullableStringSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({
    form: v.literal('fixed'),
    fixedAmount: StatedNumberSchema,
    currency: NullableStringSchema,
    ...formulaEntries,
    ...discountEntries,
  }),
  v.object({ form: v.literal('units'), units: v.array(UnitSchema), ...discountEntries }),
  v.object({ form: v.literal('shipping'), ...discountEntries }),
  v.object({
    form: v.literal('gift'),
    amount: StatedNumberSchema,
    balance: StatedNumberSchema,
    currency: NullableStringSchema,
    effect: NullableStringSchema,
  }),
  v.object({
    form: v.literal('points'),
    points: StatedNumberSchema,
    balance: StatedNumberSchema,
    pending: NullableNumberSchema,
    expired: NullableNumberSchema,
    subtracted: NullableNumberSchema,
    nextExpiration: unknownIfMissing(
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
  timeframe: unknownIfMissing(
    v.object({ interval: NullableStringSchema, duration: NullableStringSchema }),
  ),
  daysOfWeek: unknownIfMissing(v.array(v.number())),
  hours: unknownIfMissing(
    v.array(
      v.object({
        startTime: NullableStringSchema,
        expirationTime: NullableStringSchema,
        daysOfWeek: unknownIfMissing(v.array(v.number())),
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

const ImageSchema = unknownIfMissing(
  v.object({ id: NullableStringSchema, url: NullableStringSchema }),
);

/** A voucher: a coupon, a gift card or a loyalty card. `code` is a secret: whoever has it can use it. */
export const VoucherSchema = v.object({
  id: NullableStringSchema,
  code: StatedStringSchema,
  kind: unknownIfMissing(v.picklist(['discount', 'gift', 'loyalty'])),
  value: v.nullable(ValueSchema),
  usable: v.boolean(),
  unusableReasons: v.array(UnusableReasonSchema),
  active: StatedBooleanSchema,
  ...validityEntries,
  // checked again before each attempt
  expiresAt: StatedStringSchema,
  redemptions: v.nullable(
    v.object({
      limit: StatedNumberSchema,
      used: StatedNumberSchema,
      left: StatedNumberSchema,
    }),
  ),
  campaignId: NullableStringSchema,
  campaignName: NullableStringSchema,
  holderId: NullableStringSchema,
  referrerId: NullableStringSchema,
  referralCode: NullableBooleanSchema,
  category: NullableStringSchema,
  categoryId: NullableStringSchema,
  assets: unknownIfMissing(v.object({ qr: ImageSchema, barcode: ImageSchema })),
  metadata: unknownIfMissing(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});
export type Voucher = v.InferOutput<typeof VoucherSchema>;

/** The distribution of the Distribution Manager that sent the webhook. */
export const DistributionSchema = v.object({
  id: NullableStringSchema,
  status: NullableStringSchema,
  channels: unknownIfMissing(v.array(v.string())),
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
  metadata: unknownIfMissing(JsonObjectSchema),
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
  metadata: unknownIfMissing(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});
export type PromotionTier = v.InferOutput<typeof PromotionTierSchema>;

/** The customer that the webhook is about. `sourceId` is the merchant's own id. */
export const CustomerSchema = v.object({
  // whom to send to
  id: StatedStringSchema,
  sourceId: StatedStringSchema,
  name: NullableStringSchema,
  email: StatedStringSchema,
  phone: StatedStringSchema,
  birthdate: NullableStringSchema,
  description: NullableStringSchema,
  address: unknownIfMissing(
    v.object({
      line1: NullableStringSchema,
      line2: NullableStringSchema,
      postalCode: NullableStringSchema,
      city: NullableStringSchema,
      state: NullableStringSchema,
      country: NullableStringSchema,
    }),
  ),
  metadata: unknownIfMissing(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});
export type Customer = v.InferOutput<typeof CustomerSchema>;

/** The act of giving vouchers to a customer. Its id is the best business key: up to three webhooks report one act. */
export const PublicationSchema = v.object({
  // a destination deduplicates by it
  id: StatedStringSchema,
  createdAt: NullableStringSchema,
  result: StatedStringSchema,
  channel: NullableStringSchema,
  trackingId: NullableStringSchema,
  sourceId: NullableStringSchema,
  customerId: NullableStringSchema,
  voucherIds: emptyIfMissing(v.string()),
  metadata: unknownIfMissing(JsonObjectSchema),
});
export type Publication = v.InferOutput<typeof PublicationSchema>;

const LoyaltyMemberSchema = v.object({
  id: StatedStringSchema,
  customerId: NullableStringSchema,
  status: NullableStringSchema,
  metadata: unknownIfMissing(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});

const LoyaltyProgramSchema = v.object({
  id: NullableStringSchema,
  name: NullableStringSchema,
  status: NullableStringSchema,
  startsAt: NullableStringSchema,
  endsAt: NullableStringSchema,
  metadata: unknownIfMissing(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});

/** The card of a member. `code` is a secret, like a voucher's. */
const LoyaltyCardSchema = v.object({
  id: NullableStringSchema,
  code: NullableStringSchema,
  definitionId: NullableStringSchema,
  type: NullableStringSchema,
  balance: unknownIfMissing(
    v.object({ points: NullableNumberSchema, pending: NullableNumberSchema }),
  ),
  nextExpiration: unknownIfMissing(
    v.object({ date: NullableStringSchema, points: NullableNumberSchema }),
  ),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});

const LoyaltyTransactionSchema = v.object({
  id: StatedStringSchema,
  object: StatedStringSchema,
  type: StatedStringSchema,
  status: StatedStringSchema,
  reason: NullableStringSchema,
  cardTransactionId: NullableStringSchema,
  orderId: NullableStringSchema,
  rewardId: NullableStringSchema,
  benefitId: NullableStringSchema,
  earningRuleId: NullableStringSchema,
  metadata: unknownIfMissing(JsonObjectSchema),
  createdAt: NullableStringSchema,
  updatedAt: NullableStringSchema,
});

/** Points that a transaction moves. `total` is as sent; `change` has the sign that the type gives. */
const LoyaltyPointsSchema = v.object({
  total: StatedNumberSchema,
  change: StatedNumberSchema,
  direction: v.nullable(v.picklist(['gained', 'lost'])),
  pending: StatedBooleanSchema,
  date: NullableStringSchema,
  expiresAt: NullableStringSchema,
});

const LoyaltyTierSchema = v.object({
  id: NullableStringSchema,
  name: NullableStringSchema,
  structureId: NullableStringSchema,
  from: NullableStringSchema,
  to: NullableStringSchema,
  points: NullableNumberSchema,
  startsAt: NullableStringSchema,
  expiresAt: NullableStringSchema,
});

/** What a reward or a benefit gave. `code` is a secret, which may be handed out only when `usable`. */
const LoyaltyResultSchema = v.object({
  kind: unknownIfMissing(v.picklist(['discount', 'gift', 'points', 'material'])),
  voucherId: NullableStringSchema,
  code: StatedStringSchema,
  usable: v.boolean(),
  result: StatedStringSchema,
  amount: NullableNumberSchema,
  balance: NullableNumberSchema,
  points: NullableNumberSchema,
  cardId: NullableStringSchema,
  productId: NullableStringSchema,
  skuId: NullableStringSchema,
  quantity: NullableNumberSchema,
});

/** The workflow whose callout sent the webhook. */
const WorkflowSchema = v.object({
  id: NullableStringSchema,
  version: NullableNumberSchema,
  node: NullableStringSchema,
  run: NullableStringSchema,
  step: NullableStringSchema,
});
export type Workflow = v.InferOutput<typeof WorkflowSchema>;

/** What a webhook of a workflow says about a loyalty program. Each part is null when nothing of it is known. */
export const LoyaltySchema = v.object({
  member: v.nullable(LoyaltyMemberSchema),
  program: unknownIfMissing(LoyaltyProgramSchema),
  card: unknownIfMissing(LoyaltyCardSchema),
  transaction: v.nullable(LoyaltyTransactionSchema),
  points: v.nullable(LoyaltyPointsSchema),
  tier: unknownIfMissing(LoyaltyTierSchema),
  results: v.array(LoyaltyResultSchema),
  workflow: WorkflowSchema,
});
export type Loyalty = v.InferOutput<typeof LoyaltySchema>;

/** The `data` of a record: everything that is not an attribute of CloudEvents. */
export const RecordDataSchema = v.object({
  purpose: PurposeSchema,
  distributionLabel: NullableStringSchema,
  test: v.boolean(),
  receivedAt: v.string(),
  distribution: unknownIfMissing(DistributionSchema),
  campaign: unknownIfMissing(CampaignSchema),
  voucher: v.nullable(VoucherSchema),
  otherVouchers: emptyIfMissing(VoucherSchema),
  promotionTier: v.nullable(PromotionTierSchema),
  customer: v.nullable(CustomerSchema),
  publication: v.nullable(PublicationSchema),
  loyalty: unknownIfMissing(LoyaltySchema),
  unmapped: v.optional(JsonObjectSchema, () => ({})),
  warnings: emptyIfMissing(IssueSchema),
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
