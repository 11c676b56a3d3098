/**
 * Where docs/record.md says that the record holds each field of a webhook: `sent:record`, or one name
 * for both, with `#` for any index. Written by hand and apart from lib/normalise, to check it.
 */
function parsePairs(...texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts
      .join(' ')
      .split(' ')
      .map((pair) => {
        const [sent = '', record = sent] = pair.split(':');
        return [sent, record];
      }),
  );
}

const VALIDITY =
  'start_date:startsAt expiration_date:expiresAt validity_timeframe:timeframe ' +
  'validity_timeframe.interval:timeframe.interval validity_timeframe.duration:timeframe.duration ' +
  'validity_day_of_week:daysOfWeek validity_day_of_week.#:daysOfWeek.# validity_hours:hours ' +
  'validity_hours.daily:hours validity_hours.daily.#.start_time:hours.#.startTime ' +
  'validity_hours.daily.#.expiration_time:hours.#.expirationTime ' +
  'validity_hours.daily.#.days_of_week:hours.#.daysOfWeek ' +
  'validity_hours.daily.#.days_of_week.#:hours.#.daysOfWeek.#';

const TIMESTAMPS = 'created_at:createdAt updated_at:updatedAt';

const PRODUCTS = 'product:product product.id:product.id product.source_id:product.sourceId '.concat(
  'product.name:product.name sku:sku sku.id:sku.id sku.source_id:sku.sourceId sku.name:sku.name',
);

const UNIT = `unit_type:unitType unit_off:unitOff unit_off_formula:formula effect:effect ${PRODUCTS}`;

const DISCOUNT =
  'type:form effect:effect is_dynamic:dynamic amount_off:amountOff amount_off_formula:formula ' +
  'amount_limit:amountLimit aggregated_amount_limit:totalLimit percent_off:percentOff ' +
  'percent_off_formula:formula fixed_amount:fixedAmount fixed_amount_formula:formula units:units';

/** The same pairs below a path on both sides. */
function nestPairs(sent: string, record: string, pairs: string): string {
  return pairs
    .split(' ')
    .map((pair) => pair.split(':'))
    .map(([from = '', to = from]) => `${sent}.${from}:${record}.${to}`)
    .join(' ');
}

function discountPairs(path: string): string {
  const single = UNIT.replace('effect:effect ', '');
  return [
    nestPairs(path, 'value', DISCOUNT),
    nestPairs(path, 'value.units.0', single),
    nestPairs(`${path}.units.#`, 'value.units.#', UNIT),
  ].join(' ');
}

const VOUCHER = parsePairs(
  'id code type:kind active campaign:campaignName campaign_id:campaignId holder_id:holderId',
  'referrer_id:referrerId is_referral_code:referralCode category category_id:categoryId metadata',
  'redemption:redemptions redemption.quantity:redemptions.limit',
  'redemption.redeemed_quantity:redemptions.used assets assets.qr assets.qr.id assets.qr.url',
  'assets.barcode assets.barcode.id assets.barcode.url',
  'gift.amount:value.amount gift.balance:value.balance gift.effect:value.effect',
  'loyalty_card.points:value.points loyalty_card.balance:value.balance',
  'loyalty_card.pending_points:value.pending loyalty_card.expired_points:value.expired',
  'loyalty_card.subtracted_points:value.subtracted',
  'loyalty_card.next_expiration_date:value.nextExpiration.date',
  'loyalty_card.next_expiration_points:value.nextExpiration.points',
  discountPairs('discount'),
  VALIDITY,
  TIMESTAMPS,
);

const PROMOTION_TIER = parsePairs(
  'id name banner campaign_id:campaignId campaign:campaignId campaign.id:campaignId active',
  'hierarchy category category_id:categoryId metadata',
  discountPairs('action.discount'),
  VALIDITY,
  TIMESTAMPS,
);

const CUSTOMER = parsePairs(
  'id source_id:sourceId name email phone birthdate description metadata address',
  'address.line_1:address.line1 address.line_2:address.line2 address.city address.state',
  'address.postal_code:address.postalCode address.country',
  TIMESTAMPS,
);

const CAMPAIGN = parsePairs(
  'id name campaign_type:kind type category category_id:categoryId description active',
  'start_date:startsAt expiration_date:expiresAt is_referral_code:referralCode metadata',
  TIMESTAMPS,
);

const PUBLICATION = parsePairs(
  'id created_at:createdAt result channel tracking_id:trackingId source_id:sourceId',
  'customer_id:customerId vouchers_id:voucherIds vouchers_id.#:voucherIds.# metadata',
);

const DISTRIBUTION = parsePairs(
  'id status distribution_channels:channels distribution_channels.#:channels.#',
  'consents:consentsDisabled consents.disabled:consentsDisabled set_live_at:liveAt',
  TIMESTAMPS,
);

const MEMBER = parsePairs('id customer_id:customerId status metadata', TIMESTAMPS);

const PROGRAM = parsePairs(
  'id name status start_date:startsAt end_date:endsAt metadata',
  TIMESTAMPS,
);

const CARD = parsePairs(
  'id code card_definition_id:definitionId card_type:type balance balance.points',
  'balance.pending_points:balance.pending',
  TIMESTAMPS,
);

const CARD_OWNER = parsePairs('member_id:id customer_id:customerId');

const NEXT_EXPIRATION = parsePairs('date points');

const TIER = parsePairs('id name tier_structure_id:structureId');

/** `*` in the record: any result, since they come from several places. */
const REWARD_RESULTS = 'id:*.voucherId code:*.code result:*.result';
const TRANSACTION = parsePairs(
  'member_id:member.id program_id:program.id card_id:card.id card_type:card.type',
  'card_definition_id:card.definitionId tier_id:tier.id tier_structure_id:tier.structureId',
  nestPairs('details', 'tier', 'tier_from:from tier_to:to start_at:startsAt expires_at:expiresAt'),
  'details.points:tier.points details.points.total:points.total details.points.date:points.date',
  'details.points.expiration_date:points.expiresAt details.payment.points_spent:points.total',
  'details.bucket.points.total:points.total details.bucket.expiration_date:points.expiresAt',
  'id:transaction.id object:transaction.object type:transaction.type status:transaction.status',
  'details.reason:transaction.reason details.metadata:transaction.metadata',
  'order_id:transaction.orderId details.order.id:transaction.orderId',
  'reward_id:transaction.rewardId details.reward.id:transaction.rewardId',
  'card_transaction_id:transaction.cardTransactionId benefit_id:transaction.benefitId',
  'earning_rule_id:transaction.earningRuleId created_at:transaction.createdAt',
  'updated_at:transaction.updatedAt details.result.quantity:results.*.quantity',
  nestPairs('details.result.digital.discount_coupons.#', 'results', REWARD_RESULTS),
  nestPairs('details.result.digital.gift_vouchers.#', 'results', REWARD_RESULTS),
  nestPairs(
    'details.result.digital.gift_vouchers.#',
    'results',
    'amount:*.amount balance:*.balance',
  ),
  nestPairs(
    'details.result.digital.loyalty_card_points',
    'results',
    'points:*.points card_id:*.cardId',
  ),
  nestPairs('details.result.material', 'results', 'product.id:*.productId sku.id:*.skuId'),
  nestPairs('details.result.details.material', 'results', 'product.id:*.productId sku.id:*.skuId'),
  nestPairs(
    'details.result.details',
    'results',
    'voucher_id:*.voucherId code:*.code balance:*.balance result:*.result',
  ),
);

/** The same objects in both shapes: bare, and below `trigger`. */
function inBothShapes(
  kind: 'transaction' | 'activity',
  path: string,
  record: string,
  pairs: ReadonlyMap<string, string>,
): readonly (readonly [string, string, ReadonlyMap<string, string>])[] {
  const wrapped = kind === 'transaction' ? `trigger.${path}` : `trigger.activity.data.${path}`;
  return [
    [path, record, pairs],
    [wrapped, record, pairs],
  ];
}

/** Every path in the data of a workflow's webhook that the record can take an object from. */
export const WORKFLOW_PATHS: typeof OBJECT_PATHS = [
  ...inBothShapes('transaction', 'transaction', 'loyalty', TRANSACTION),
  ...inBothShapes('activity', 'member', 'loyalty.member', MEMBER),
  ...inBothShapes('activity', 'program', 'loyalty.program', PROGRAM),
  ...inBothShapes('activity', 'card', 'loyalty.card', CARD),
  ...inBothShapes('activity', 'card', 'loyalty.member', CARD_OWNER),
  ...inBothShapes('activity', 'member_card.card', 'loyalty.card', CARD),
  ...inBothShapes('activity', 'member_card.card', 'loyalty.member', CARD_OWNER),
  ...inBothShapes(
    'activity',
    'member_card.card.next_expiration',
    'loyalty.card.nextExpiration',
    NEXT_EXPIRATION,
  ),
  ...inBothShapes('activity', 'tier', 'loyalty.tier', TIER),
  [
    'trigger.activity',
    'loyalty',
    parsePairs('member_id:member.id program_id:program.id card_id:card.id'),
  ],
];

/** Every path in the data that the record can take an object from. */
export const OBJECT_PATHS: readonly (readonly [string, string, ReadonlyMap<string, string>])[] = [
  ['distribution', 'distribution', DISTRIBUTION],
  ['campaign', 'campaign', CAMPAIGN],
  ['publication', 'publication', PUBLICATION],
  ['promotion_tier', 'promotionTier', PROMOTION_TIER],
  ['voucher', 'voucher', VOUCHER],
  ['publication.voucher', 'voucher', VOUCHER],
  ['reward.voucher', 'voucher', VOUCHER],
  ['redemption.voucher', 'voucher', VOUCHER],
  ['redemption_rollback.voucher', 'voucher', VOUCHER],
  ['rollback.voucher', 'voucher', VOUCHER],
  ['redemption.reward.voucher', 'voucher', VOUCHER],
  ['source_voucher', 'voucher', VOUCHER],
  ['destination_voucher', 'voucher', VOUCHER],
  ['customer', 'customer', CUSTOMER],
  ['publication.customer', 'customer', CUSTOMER],
  ['holder', 'customer', CUSTOMER],
  ['redemption.customer', 'customer', CUSTOMER],
  ['redemption_rollback.customer', 'customer', CUSTOMER],
  ['order.customer', 'customer', CUSTOMER],
];

/** Voucherify's words for which the record has a word of its own, one to one. */
export const VALUE_NAMES: ReadonlyMap<string, string> = new Map([
  ['DISCOUNT_VOUCHER', 'discount'],
  ['GIFT_VOUCHER', 'gift'],
  ['LOYALTY_CARD', 'loyalty'],
  ['AMOUNT', 'amount'],
  ['PERCENT', 'percent'],
  ['FIXED', 'fixed'],
  ['UNIT', 'units'],
  ['DISCOUNT_COUPONS', 'discount'],
  ['GIFT_VOUCHERS', 'gift'],
  ['LOYALTY_PROGRAM', 'loyalty'],
  ['PROMOTION', 'promotion'],
  ['REFERRAL_PROGRAM', 'referral'],
]);
