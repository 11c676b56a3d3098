/** What sends an event. `log`: documented for the activity log, and in neither list of webhooks. */
export type EventSource = 'distribution' | 'project' | 'both' | 'log';

/** One event of the catalogue (vendor facts, section 3). */
export interface EventDefinition {
  readonly event: string;
  readonly source: EventSource;
  /** The keys of its data. */
  readonly fields: readonly string[];
  readonly requiredFields: readonly string[];
  /** A distribution adds what it sends to the data: a code, a promotion or a message. */
  readonly carriesContent: boolean;
}

const TIER_CHANGE = 'customer* campaign* loyalty_tier_from* loyalty_tier_to* created_at';
const TIER = 'customer* campaign* loyalty_tier* created_at';
const POINTS = 'customer campaign voucher* balance transaction';
const EXPIRED = 'customer campaign voucher* points buckets transaction';
const PENDING = 'customer campaign voucher* voucher_pending_points_balance order pending_points*';
const ACTIVATED = `${PENDING} balance transaction`;
const REDEMPTION =
  'customer order campaign voucher holder promotion_tier promotion_stack redemption*';
const ROLLBACK = `${REDEMPTION} redemption_rollback*`;
const REWARD =
  'customer holder voucher campaign reward_redemption* reward* reward_assignment source balance';
const REWARDED = 'holder voucher campaign redemption reward referral_tier balance custom_event';
const EARNED = 'holder voucher* campaign loyalty_tier earning_rule balance order event publication';
const ORDER = 'customer* referrer order* redemption';
const GIFT_MOVE = 'transaction voucher* campaign holder balance order redemption rollback';
const CARD_MOVE = `${GIFT_MOVE} holder_loyalty_tier event earning_rule segment loyalty_tier reward`;
const TRANSFER = 'custom_event source_voucher destination_voucher';
const ASSIGNMENT = 'rule* assignment* voucher campaign distribution promotion_tier earning_rule';
const HOLDER = 'holder* voucher* campaign customer';
const MANUAL = 'distribution* campaign voucher publication promotion_tier customer*';

/** Every event that Voucherify documents, with the keys of its data. A key with a star is required. */
const CATALOGUE: readonly (readonly [string, EventSource, string, 'carries content'?])[] = [
  // the events of distributions
  ['manual_distribution_schedule', 'distribution', MANUAL, 'carries content'],
  ['customer.publication.succeeded', 'distribution', 'customer* campaign publication* voucher'],
  ['customer.redemption.succeeded', 'distribution', REDEMPTION],
  ['customer.redemption.rollback.succeeded', 'distribution', ROLLBACK],
  ['customer.rewarded', 'both', `customer* ${REWARDED} customer_event`],
  ['customer.rewarded.loyalty_points', 'both', `customer* ${EARNED}`],
  ['customer.reward_redemptions.completed', 'distribution', `${REWARD} publication`],
  ['customer.voucher.loyalty_card.pending_points.activated', 'distribution', ACTIVATED],
  ['customer.voucher.loyalty_card.pending_points.added', 'distribution', PENDING],
  ['customer.voucher.loyalty_card.pending_points.canceled', 'distribution', PENDING],
  ['customer.voucher.loyalty_card.pending_points.updated', 'distribution', PENDING],
  ['customer.voucher.loyalty_card.points_added', 'distribution', POINTS],
  ['customer.voucher.loyalty_card.points_expired', 'distribution', EXPIRED],
  ['customer.voucher.gift.balance_added', 'distribution', POINTS],
  ['customer.segment.entered', 'distribution', 'customer* segment*', 'carries content'],
  ['customer.segment.left', 'distribution', 'customer* segment*', 'carries content'],
  ['customer.loyalty.tier.joined', 'distribution', TIER],
  ['customer.loyalty.tier.upgraded', 'distribution', TIER_CHANGE],
  ['customer.loyalty.tier.downgraded', 'distribution', TIER_CHANGE],
  ['customer.loyalty.tier.prolonged', 'distribution', TIER],
  ['customer.loyalty.tier.left', 'distribution', TIER],
  ['customer.order.created', 'distribution', ORDER, 'carries content'],
  ['customer.order.paid', 'distribution', ORDER, 'carries content'],
  ['customer.order.updated', 'distribution', ORDER, 'carries content'],
  ['customer.order.canceled', 'distribution', ORDER, 'carries content'],
  [
    'customer.custom_event',
    'distribution',
    'event* event_schema customer* referral loyalty',
    'carries content',
  ],
  ['customer.referred', 'distribution', 'customer*'],

  // the events of the project's settings
  ['redemption.succeeded', 'project', `${REDEMPTION} created_at`],
  ['redemption.failed', 'project', `${REDEMPTION} created_at`],
  ['redemption.rollback.succeeded', 'project', ROLLBACK],
  ['redemption.rollback.failed', 'project', ROLLBACK],
  ['customer.created', 'project', 'customer*'],
  ['customer.updated', 'project', 'customer*'],
  ['customer.deleted', 'project', 'customer*'],
  ['customer.confirmed', 'project', 'customer'],
  ['publication.succeeded', 'project', 'customer campaign publication* voucher vouchers user'],
  ['voucher.created', 'project', 'voucher* campaign'],
  ['voucher.updated', 'project', 'voucher* campaign'],
  ['voucher.enabled', 'project', 'voucher* campaign'],
  ['voucher.disabled', 'project', 'voucher* campaign'],
  ['voucher.deleted', 'project', 'voucher* campaign'],
  ['voucher.published', 'project', 'customer campaign publication* voucher* created_at'],
  ['voucher.loyalty_card.transaction.created', 'project', `${CARD_MOVE} ${TRANSFER}`],
  ['voucher.loyalty_card.pending_points.activated', 'project', ACTIVATED],
  ['voucher.loyalty_card.pending_points.added', 'project', PENDING],
  ['voucher.loyalty_card.pending_points.canceled', 'project', `${PENDING} redemption`],
  ['voucher.loyalty_card.pending_points.updated', 'project', PENDING],
  ['voucher.loyalty_card.points_added', 'project', POINTS],
  ['voucher.loyalty_card.points_expired', 'project', EXPIRED],
  ['voucher.gift.transaction.created', 'project', GIFT_MOVE],
  ['voucher.gift.balance_added', 'project', POINTS],
  ['campaign.created', 'project', 'campaign* created_at'],
  ['campaign.updated', 'project', 'campaign*'],
  ['campaign.enabled', 'project', 'campaign*'],
  ['campaign.disabled', 'project', 'campaign*'],
  ['campaign.deleted', 'project', 'campaign* deleted_at'],
  ['campaign.vouchers.added', 'project', 'campaign'],
  ['campaign.vouchers.generation.started', 'project', 'campaign'],
  ['campaign.vouchers.generation.completed', 'project', 'campaign* count completed_at'],
  ['campaign.vouchers.generation.failed', 'project', 'campaign'],
  ['campaign.loyalty_tier.created', 'project', 'campaign* loyalty_tier*'],
  ['campaign.loyalty_tier.updated', 'project', 'campaign* loyalty_tier*'],
  ['campaign.loyalty_tier.deleted', 'project', 'campaign* loyalty_tier*'],
  ['campaign.promotion_tier.created', 'project', 'campaign* promotion_tier*'],
  ['campaign.promotion_tier.updated', 'project', 'campaign* promotion_tier*'],
  ['campaign.promotion_tier.enabled', 'project', 'campaign* promotion_tier*'],
  ['campaign.promotion_tier.disabled', 'project', 'campaign* promotion_tier*'],
  ['campaign.promotion_tier.deleted', 'project', 'campaign* promotion_tier*'],
  ['campaign.promotion_stack.created', 'project', 'campaign promotion_stack'],
  ['campaign.promotion_stack.updated', 'project', 'campaign promotion_stack'],
  ['campaign.earning_rule.assigned', 'project', 'campaign earning_rule'],
  ['campaign.earning_rule.updated', 'project', 'campaign earning_rule'],
  ['campaign.earning_rule.enabled', 'project', 'campaign earning_rule'],
  ['campaign.earning_rule.disabled', 'project', 'campaign earning_rule'],
  ['campaign.earning_rule.deleted', 'project', 'campaign earning_rule'],
  ['campaign.referral_tier.created', 'project', 'campaign referral_tier'],
  ['campaign.referral_tier.updated', 'project', 'campaign referral_tier'],
  ['campaign.referral_tier.deleted', 'project', 'campaign referral_tier'],
  ['campaign.reward.assignment.created', 'project', 'campaign reward reward_assignment'],
  ['campaign.reward.assignment.updated', 'project', 'campaign reward reward_assignment'],
  ['campaign.reward.assignment.deleted', 'project', 'campaign reward reward_assignment'],
  ['business_validation_rule.created', 'project', 'rule* created_at'],
  ['business_validation_rule.updated', 'project', 'rule* updated_at'],
  ['business_validation_rule.deleted', 'project', 'rule* deleted_at'],
  ['business_validation_rule.assignment.created', 'project', ASSIGNMENT],
  ['business_validation_rule.assignment.deleted', 'project', ASSIGNMENT],

  // documented, but in neither list of webhooks
  ['customer.reward_redemptions.created', 'log', REWARD],
  ['customer.reward_redemptions.pending', 'log', REWARD],
  ['customer.holder.assignment.created', 'log', HOLDER],
  ['customer.holder.assignment.deleted', 'log', HOLDER],
];

/** Other spellings of the same events in Voucherify's own documents. */
const EVENT_ALIASES: ReadonlyMap<string, string> = new Map([
  ['loyalty_card.pending_points.updated', 'customer.voucher.loyalty_card.pending_points.updated'],
  ['customer.entered.segment', 'customer.segment.entered'],
  ['customer.left.segment', 'customer.segment.left'],
  ['distribution.manual_distribution_schedule', 'manual_distribution_schedule'],
  ['campaign.vouchers.aded', 'campaign.vouchers.added'],
  ['voucher.gift.balance_aded', 'voucher.gift.balance_added'],
  ['voucher.loyalty_card.points_aded', 'voucher.loyalty_card.points_added'],
  ['voucher.loyalty_card.pending_points.aded', 'voucher.loyalty_card.pending_points.added'],
]);

const DOCS_PREFIX = /^events\./;
const DOCS_RULE_ABBREVIATION = /^bus_val_rule(?=\.|$)/;

/** The catalogue of events, by canonical name. */
export const EVENTS: ReadonlyMap<string, EventDefinition> = new Map(
  CATALOGUE.map(([event, source, fieldList, content]) => [
    event,
    toDefinition(event, source, fieldList, content !== undefined),
  ]),
);

/**
 * Returns the canonical name of an event in any spelling: lower case, without the prefix that
 * Voucherify's documents use. An unknown name is only put into lower case.
 */
export function toCanonicalEventName(name: string): string {
  if (EVENTS.has(name)) return name;
  const canonicalName = name
    .trim()
    .toLowerCase()
    .replace(DOCS_PREFIX, '')
    .replace(DOCS_RULE_ABBREVIATION, 'business_validation_rule');
  return EVENT_ALIASES.get(canonicalName) ?? canonicalName;
}

function toDefinition(
  event: string,
  source: EventSource,
  fieldList: string,
  carriesContent: boolean,
): EventDefinition {
  const words = fieldList.split(' ');
  const requiredFields = words
    .filter((word) => word.endsWith('*'))
    .map((word) => word.slice(0, -1));
  const fields = words.map((word) => word.replace('*', ''));
  return { event, source, fields, requiredFields, carriesContent };
}

/** Every key that the data of an event can have. */
export const EVENT_KEYS: ReadonlySet<string> = new Set(
  [...EVENTS.values()].flatMap(({ fields }) => fields),
);

/** What a distribution can send. Every other key of an event says what the event is about. */
const CONTENT_KEYS: ReadonlySet<string> = new Set(
  'distribution campaign voucher publication promotion_tier customer'.split(' '),
);

/** The keys that say what an event is about (order, redemption, segment, ...). */
export const SUBJECT_KEYS: ReadonlySet<string> = new Set(
  [...EVENT_KEYS].filter((key) => !CONTENT_KEYS.has(key)),
);
