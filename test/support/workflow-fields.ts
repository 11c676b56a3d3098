/**
 * The fields of what workflows send (vendor facts on workflows, sections 4 and 5), apart from lib/, to
 * check it. After a name: `?` the field can be null, `~` it can be missing, `~?` both, `[]` it is a list
 * of such objects, `{...}` the fields of the object, `{}` an object that no table describes.
 */

const POINTS = 'points{total}';
const EXPIRING = 'points{total expiration_date? expiration_type?}';
const REWARD_ACT = 'reward?{id} reward_transaction?{id}';
const PURCHASE_IDS = 'purchase?{card_transaction?{id} reward_transaction?{id}}';
const BUCKET = 'id points{total} expiration_date expiration_type';
const GOODS = 'type product~{id} sku~{product_id id}';
const DIGITAL = [
  'type',
  'discount_coupons~[]{id code result~}',
  'gift_vouchers~[]{id code amount balance result~}',
  'loyalty_card_points~{points card_definition_id card_id}',
].join(' ');
const REWARD_RESULT = `result?{reward?{id type} quantity? material?{${GOODS}} digital?{${DIGITAL}}}`;
const BENEFIT_RESULT = [
  `result?{details{material~{${GOODS}}`,
  'digital~{type discount_coupons~{campaign_id} gift_vouchers~{campaign_id balance}}',
  'voucher_id~ code~ balance~}}',
].join(' ');
const TIER_CHANGE = [
  'points? tier_from? tier_to? origin?{type card_transaction_ids~ segment_ids~}',
  'start_at? expires_at?',
].join(' ');

const COMMON = 'id program_id member_id status created_at updated_at? object type';
const REJECTION = 'rejection?{reason details~}';

function transaction(ids: string, details: string): string {
  return `${COMMON} ${ids} details{reason~? metadata{} ${REJECTION} ${details}}`;
}

const ofCard = (details: string): string =>
  transaction('card_id card_definition_id card_type', details);
const ofReward = (details: string): string =>
  transaction('card_id card_transaction_id reward_id', `points?{total} ${details}`);
/** Tiers have neither a reason nor metadata. */
const ofTier = `${COMMON} card_id card_definition_id tier_structure_id tier_id? details{${REJECTION} ${TIER_CHANGE}}`;

/** The transaction of each type. */
export const TRANSACTION_FIELDS: { readonly [type: string]: string } = {
  POINTS_EARNED: ofCard('points{total expiration_date?}'),
  ADMIN_CREDIT: ofCard('points{total expiration_date?}'),
  ADMIN_DEBIT: ofCard(POINTS),
  ADMIN_POINTS_EXPIRATION: ofCard(`bucket{${BUCKET}}`),
  POINTS_SPENT_ON_REWARD: ofCard(
    `${POINTS} ${REWARD_ACT} cost?{id} spending?{id} target_card?{id} purchase_transaction?{id}`,
  ),
  POINTS_PURCHASED: ofCard(`${EXPIRING} ${REWARD_ACT} card_transaction?{id}`),
  POINTS_PURCHASE_REVERSED: ofCard(`${EXPIRING} ${REWARD_ACT} ${PURCHASE_IDS}`),
  POINTS_SPENT_ON_ORDER: ofCard(`${POINTS} order?{id} order_transaction?{id}`),
  POINTS_REFUNDED: ofCard(POINTS),
  POINTS_RETURNED: ofCard(`${EXPIRING} ${REWARD_ACT} ${PURCHASE_IDS}`),
  POINTS_EXPIRED: ofCard(`${POINTS} date buckets[]{${BUCKET}}`),
  PENDING_POINTS_ADDED: ofCard('points{total date? type}'),
  PENDING_POINTS_ACTIVATED: ofCard('points{total date? type}'),
  PENDING_POINTS_CANCELED: ofCard('points{total date? type}'),
  PAY_WITH_POINTS: transaction(
    'card_id card_definition_id card_transaction_id order_id',
    'payment{id~ amount points_spent exchange_ratio} spending_cap~{type unit value}',
  ),
  UPGRADED: ofTier,
  DOWNGRADED: ofTier,
  JOINED: ofTier,
  LEFT: ofTier,
  EXPIRATION_CHANGED: ofTier,
  EVALUATION_REFRESHED: ofTier,
  PURCHASE: ofReward(REWARD_RESULT),
  REFUND: ofReward(`${REWARD_RESULT} ${PURCHASE_IDS}`),
  FULFILLMENT: transaction('benefit_id earning_rule_id', BENEFIT_RESULT),
};

const TIMES = 'created_at updated_at?';
const LIFETIME = [
  'lifetime_bucket{points{total earned added purchased purchased_reversed subtracted expired spent',
  'refunded returned locked unlocked} pending_points{total activated canceled}}',
  'balance{points pending_points}',
].join(' ');

/** The objects in the data of activities. */
export const ACTIVITY_OBJECT_FIELDS: { readonly [key: string]: string } = {
  member: `id customer_id program_id status metadata{} ${TIMES} object`,
  program: `id name~ status~ start_date~? end_date~? validity_hours~{type daily~{}} metadata~{} created_at~ updated_at~? object~`,
  card: `id program_id card_definition_id card_type code~? customer_id~ member_id~ ${LIFETIME} created_at updated_at~? object`,
  member_card: [
    'member_role created_at tier_progress~{} object',
    `card{id card_definition_id card_type code? ${LIFETIME} next_expiration?{points date}`,
    'next_activation?{points type date~ cancel_date~} object}',
  ].join(' '),
  card_definition: `id name type status code_config{} points_expiration{} pending_points{} earning_limits{} spending_limits{} refunds{} balance_settings{} pay_with_points{} metadata{} ${TIMES} object`,
  program_card_definition: 'card_type card_definition_id created_at object',
  earning_rule: `id name status earnings{} trigger{} validity_hours{} earning_limits{} metadata{} start_date? end_date? ${TIMES} error~?{} trigger_limits~?{} object`,
  program_earning_rule: 'earning_rule_id created_at object',
  reward: `id name type status validity_hours{} refunds{} costs{} metadata{} created_at start_date~? end_date~? updated_at~? material~{} digital~{} purchase_limits~{} object`,
  program_reward: `reward_id stock redeemed ${TIMES} object`,
  tier_structure: `id name type expiration{} downgrade{} metadata{} status ${TIMES} point_balance~{} point_earned~{} object`,
  program_tier_structure: 'tier_structure_id created_at object',
  benefit: `id name type status stock~ points~ points_proportional~{} material~{} digital~{} ${TIMES} object`,
  tier: `id tier_structure_id name qualification_rules~{} downgrade{} points_expiration{} metadata{} ${TIMES} object`,
  result: 'details',
};

/** One field of an object. */
export interface DocumentedField {
  readonly name: string;
  readonly isNullable: boolean;
  readonly isOptional: boolean;
  readonly isList: boolean;
  /** The fields of the object; null for a value. */
  readonly fields: readonly DocumentedField[] | null;
}

const FIELD = /(?<name>\w+)(?<optional>~)?(?<nullable>\?)?(?<list>\[\])?(?<open>\{)?|(?<close>\})/g;

/** Parses the notation above. */
export function parseFields(text: string): readonly DocumentedField[] {
  const levels: DocumentedField[][] = [[]];
  for (const { groups = {} } of text.matchAll(FIELD)) {
    if (groups['close'] !== undefined) {
      levels.pop();
      continue;
    }
    const inner: DocumentedField[] = [];
    levels.at(-1)?.push({
      name: groups['name'] ?? '',
      isNullable: groups['nullable'] !== undefined,
      isOptional: groups['optional'] !== undefined,
      isList: groups['list'] !== undefined,
      fields: groups['open'] === undefined ? null : inner,
    });
    if (groups['open'] !== undefined) levels.push(inner);
  }
  const [fields = []] = levels;
  return fields;
}
