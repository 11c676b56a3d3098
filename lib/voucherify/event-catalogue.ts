/**
 * What sends an event. `both`: a distribution and the project's settings. `log`: documented for the
 * activity log, and in neither list of webhooks. `never`: a workflow can be set to wait for it, and
 * Voucherify says that it does not happen.
 */
export type EventSource = 'distribution' | 'project' | 'both' | 'workflow' | 'log' | 'never';

/** One event of the catalogue (vendor facts, section 3; of workflows, sections 4 and 5). */
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
const ASSIGNED_CARD = 'member* card* member_card* program*';
const ASSIGNED_DEFINITION = 'program* card_definition* program_card_definition*';
const ASSIGNED_RULE = 'program* earning_rule* program_earning_rule*';
const ASSIGNED_REWARD = 'program* reward* program_reward*';
const ASSIGNED_TIERS = 'program* tier_structure* program_tier_structure*';
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

  // the transactions of workflows (Loyalty v2)
  ['POINTS_EARNED', 'workflow', 'transaction*'],
  ['ADMIN_CREDIT', 'workflow', 'transaction*'],
  ['ADMIN_DEBIT', 'workflow', 'transaction*'],
  ['ADMIN_POINTS_EXPIRATION', 'workflow', 'transaction*'],
  ['POINTS_SPENT_ON_REWARD', 'workflow', 'transaction*'],
  ['POINTS_PURCHASED', 'workflow', 'transaction*'],
  ['POINTS_PURCHASE_REVERSED', 'workflow', 'transaction*'],
  ['POINTS_SPENT_ON_ORDER', 'workflow', 'transaction*'],
  ['POINTS_REFUNDED', 'workflow', 'transaction*'],
  ['POINTS_RETURNED', 'workflow', 'transaction*'],
  ['POINTS_EXPIRED', 'workflow', 'transaction*'],
  ['PENDING_POINTS_ADDED', 'workflow', 'transaction*'],
  ['PENDING_POINTS_ACTIVATED', 'workflow', 'transaction*'],
  ['PENDING_POINTS_CANCELED', 'workflow', 'transaction*'],
  ['PAY_WITH_POINTS', 'workflow', 'transaction*'],
  ['UPGRADED', 'workflow', 'transaction*'],
  ['DOWNGRADED', 'workflow', 'transaction*'],
  ['JOINED', 'workflow', 'transaction*'],
  ['LEFT', 'workflow', 'transaction*'],
  ['EXPIRATION_CHANGED', 'workflow', 'transaction*'],
  ['EVALUATION_REFRESHED', 'workflow', 'transaction*'],
  ['PURCHASE', 'workflow', 'transaction*'],
  ['REFUND', 'workflow', 'transaction*'],
  ['FULFILLMENT', 'workflow', 'transaction*'],

  // the activities of workflows (Loyalty v2)
  ['vl.member.created', 'workflow', 'member* program*'],
  ['vl.member.updated', 'workflow', 'member* program*'],
  ['vl.member.deleted', 'workflow', 'member* program*'],
  ['vl.member.activated', 'workflow', 'member* program*'],
  ['vl.member.deactivated', 'workflow', 'member* program*'],
  ['vl.member.card.assigned', 'workflow', ASSIGNED_CARD],
  ['vl.member.card.unassigned', 'workflow', ASSIGNED_CARD],
  ['vl.program.created', 'workflow', 'program*'],
  ['vl.program.updated', 'workflow', 'program*'],
  ['vl.program.deleted', 'workflow', 'program*'],
  ['vl.program.activated', 'workflow', 'program*'],
  ['vl.program.deactivated', 'workflow', 'program*'],
  ['vl.program.card_definition.assigned', 'workflow', ASSIGNED_DEFINITION],
  ['vl.program.earning_rule.assigned', 'workflow', ASSIGNED_RULE],
  ['vl.program.card_definition.unassigned', 'workflow', ASSIGNED_DEFINITION],
  ['vl.program.earning_rule.unassigned', 'workflow', ASSIGNED_RULE],
  ['vl.program.reward.assigned', 'workflow', ASSIGNED_REWARD],
  ['vl.program.reward.unassigned', 'workflow', ASSIGNED_REWARD],
  ['vl.program.reward.updated', 'workflow', ASSIGNED_REWARD],
  ['vl.program.tier_structure.assigned', 'workflow', ASSIGNED_TIERS],
  ['vl.program.tier_structure.unassigned', 'workflow', ASSIGNED_TIERS],
  ['vl.card_definition.created', 'workflow', 'card_definition*'],
  ['vl.card_definition.updated', 'workflow', 'card_definition*'],
  ['vl.card_definition.deleted', 'workflow', 'card_definition*'],
  ['vl.card_definition.activated', 'workflow', 'card_definition*'],
  ['vl.card_definition.drafted', 'workflow', 'card_definition*'],
  ['vl.card_definition.assigned', 'workflow', ASSIGNED_DEFINITION],
  ['vl.card_definition.unassigned', 'workflow', ASSIGNED_DEFINITION],
  ['vl.earning_rule.created', 'workflow', 'earning_rule*'],
  ['vl.earning_rule.updated', 'workflow', 'earning_rule*'],
  ['vl.earning_rule.deleted', 'workflow', 'earning_rule*'],
  ['vl.earning_rule.activated', 'workflow', 'earning_rule*'],
  ['vl.earning_rule.deactivated', 'workflow', 'earning_rule*'],
  ['vl.earning_rule.drafted', 'workflow', 'earning_rule*'],
  ['vl.earning_rule.assigned', 'workflow', ASSIGNED_RULE],
  ['vl.earning_rule.unassigned', 'workflow', ASSIGNED_RULE],
  ['vl.reward.created', 'workflow', 'reward*'],
  ['vl.reward.updated', 'workflow', 'reward*'],
  ['vl.reward.deleted', 'workflow', 'reward*'],
  ['vl.reward.assigned', 'workflow', ASSIGNED_REWARD],
  ['vl.reward.unassigned', 'workflow', ASSIGNED_REWARD],
  ['vl.reward.activated', 'workflow', 'reward*'],
  ['vl.reward.deactivated', 'workflow', 'reward*'],
  ['vl.reward.drafted', 'workflow', 'reward*'],
  ['vl.benefit.created', 'workflow', 'benefit*'],
  ['vl.benefit.updated', 'workflow', 'benefit*'],
  ['vl.benefit.deleted', 'workflow', 'benefit*'],
  ['vl.benefit.activated', 'workflow', 'benefit*'],
  ['vl.benefit.drafted', 'workflow', 'benefit*'],
  ['vl.tier_structure.created', 'workflow', 'tier_structure*'],
  ['vl.tier_structure.updated', 'workflow', 'tier_structure*'],
  ['vl.tier_structure.deleted', 'workflow', 'tier_structure*'],
  ['vl.tier_structure.activated', 'workflow', 'tier_structure*'],
  ['vl.tier_structure.deactivated', 'workflow', 'tier_structure*'],
  ['vl.tier_structure.drafted', 'workflow', 'tier_structure*'],
  ['vl.tier_structure.assigned', 'workflow', ASSIGNED_TIERS],
  ['vl.tier_structure.unassigned', 'workflow', ASSIGNED_TIERS],
  ['vl.tier_structure.tier.created', 'workflow', 'tier_structure* tier*'],
  ['vl.tier_structure.tier.updated', 'workflow', 'tier_structure* tier*'],
  ['vl.tier_structure.tier.deleted', 'workflow', 'tier_structure* tier*'],
  ['vl.card.created', 'workflow', 'card* program*'],
  ['vl.card.assigned', 'workflow', ASSIGNED_CARD],
  ['vl.card.unassigned', 'workflow', ASSIGNED_CARD],
  ['vl.card.code_generation.succeeded', 'workflow', 'card* program*'],
  ['vl.card.code_generation.failed', 'workflow', 'card* program* result*'],

  // documented as a filter of workflows, and never sent
  ['vl.card_definition.deactivated', 'never', 'card_definition*'],
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

const DEFINITIONS = CATALOGUE.map(([event, source, fieldList, content]) =>
  toDefinition(event, source, fieldList, content !== undefined),
);

/** The events of distributions and of the project's settings, by canonical name. */
export const EVENTS: ReadonlyMap<string, EventDefinition> = new Map(
  DEFINITIONS.filter((definition) => !isOfWorkflow(definition)).map((each) => [each.event, each]),
);

/**
 * What goes before the name of an event of a workflow: JOINED, REFUND and PURCHASE mean nothing alone.
 * No event of another kind begins with it (lib/normalise/envelope.ts).
 */
export const WORKFLOW_PREFIX = 'workflow.';

/**
 * The events of workflows, by their name with the prefix. `event` is the name as sent: Voucherify's own
 * spelling, which no list of aliases changes.
 */
export const WORKFLOW_EVENTS: ReadonlyMap<string, EventDefinition> = new Map(
  DEFINITIONS.filter(isOfWorkflow).map((each) => [`${WORKFLOW_PREFIX}${each.event}`, each]),
);

function isOfWorkflow({ source }: EventDefinition): boolean {
  return source === 'workflow' || source === 'never';
}

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

/** Every key that the data of an event can have, except for workflows: they send no data alone. */
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
