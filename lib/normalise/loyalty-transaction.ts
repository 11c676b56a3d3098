import type { Loyalty } from '../record/record.ts';
import { isJsonObject, type Path } from '../voucherify/json.ts';
import {
  type VoucherifyTierTransaction,
  VoucherifyTierTransactionSchema,
  type VoucherifyTransaction,
  VoucherifyTransactionSchema,
} from '../voucherify/loyalty-transaction.ts';
import {
  type ConsumedKeys,
  constant,
  defineFieldMap,
  given,
  mergeKeys,
  NO_KEYS,
} from './field-map.ts';
import { createLenientParser } from './lenient-parse.ts';
import {
  EXPIRED_BUCKET,
  hasWrongSign,
  MOVED_POINTS,
  SPENT_POINTS,
  toPoints,
} from './loyalty-points.ts';
import type { LoyaltyReader } from './loyalty-reader.ts';
import { convertResults } from './loyalty-results.ts';

/** The parts of the record that a transaction fills. */
export type TransactionParts = Omit<Loyalty, 'workflow'>;

type AnyTransaction = VoucherifyTransaction | VoucherifyTierTransaction;
type Member = NonNullable<Loyalty['member']>;
type Program = NonNullable<Loyalty['program']>;
type Card = NonNullable<Loyalty['card']>;
type Transaction = NonNullable<Loyalty['transaction']>;
type Tier = NonNullable<Loyalty['tier']>;
type Details = Pick<Transaction, 'reason' | 'metadata'>;
type TierDetails = Pick<Tier, 'from' | 'to' | 'startsAt' | 'expiresAt'>;

/** Ids alone: a transaction only names its member, program, card and tier. */
export const MEMBER_ID = defineFieldMap<Pick<AnyTransaction, 'member_id'>, Member>({
  id: 'member_id',
  customerId: constant(null),
  status: constant(null),
  metadata: constant(null),
  createdAt: constant(null),
  updatedAt: constant(null),
});

export const PROGRAM_ID = defineFieldMap<Pick<AnyTransaction, 'program_id'>, Program>({
  id: 'program_id',
  name: constant(null),
  status: constant(null),
  startsAt: constant(null),
  endsAt: constant(null),
  metadata: constant(null),
  createdAt: constant(null),
  updatedAt: constant(null),
});

export const CARD_ID = defineFieldMap<
  Pick<AnyTransaction, 'card_id' | 'card_definition_id' | 'card_type'>,
  Card
>({
  id: 'card_id',
  code: constant(null),
  definitionId: 'card_definition_id',
  type: 'card_type',
  balance: constant(null),
  nextExpiration: constant(null),
  createdAt: constant(null),
  updatedAt: constant(null),
});

const TIER = defineFieldMap<AnyTransaction, Tier, TierDetails & Pick<Tier, 'points'>>({
  id: 'tier_id',
  name: constant(null),
  structureId: 'tier_structure_id',
  from: given('from'),
  to: given('to'),
  points: given('points'),
  startsAt: given('startsAt'),
  expiresAt: given('expiresAt'),
});

/** The order and the reward are given, because some types name them in their details. */
const TRANSACTION = defineFieldMap<
  AnyTransaction,
  Transaction,
  Details & Pick<Transaction, 'orderId' | 'rewardId'>
>({
  id: 'id',
  object: 'object',
  type: 'type',
  status: 'status',
  reason: given('reason'),
  cardTransactionId: 'card_transaction_id',
  orderId: given('orderId'),
  rewardId: given('rewardId'),
  benefitId: 'benefit_id',
  earningRuleId: 'earning_rule_id',
  metadata: given('metadata'),
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

type SentDetails = NonNullable<AnyTransaction['details']>;

const DETAILS = defineFieldMap<SentDetails, Details>({ reason: 'reason', metadata: 'metadata' });

const TIER_DETAILS = defineFieldMap<SentDetails, TierDetails>({
  from: 'tier_from',
  to: 'tier_to',
  startsAt: 'start_at',
  expiresAt: 'expires_at',
});

const ID_KEY: ConsumedKeys = new Map([['id', 'value']]);

const parseTransaction = createLenientParser(VoucherifyTransactionSchema);
const parseTierTransaction = createLenientParser(VoucherifyTierTransactionSchema);

/** The types that give something. The other transactions only say which codes there were. */
const GRANTING_TYPES: ReadonlySet<string | null> = new Set(['PURCHASE', 'FULFILLMENT']);
const TYPE_DIFFERS = 'Differs from event.type; the record has no direction, and no usable code';
const WRONG_SIGN = 'Expected a number of 0 or more with this type; the record has no direction';

/**
 * Converts a transaction (vendor facts on workflows, section 4), of any type.
 * @param path of the transaction in the data
 * @param eventType the type that the envelope names
 */
export function convertTransaction(
  reader: LoyaltyReader,
  path: Path,
  eventType: string | null,
): TransactionParts | null {
  const at = (...keys: readonly string[]): Path => [...path, ...keys];
  const isOfTier = typeof reader.getObject(path)?.['tier_structure_id'] === 'string';
  const source = isOfTier
    ? reader.parse(path, parseTierTransaction)
    : reader.parse(path, parseTransaction);
  if (source === null) return null;
  const details = source.details ?? {};
  const type = source.type !== null && source.type === eventType ? eventType : null;
  if (source.type !== eventType) reader.warn(at('type'), TYPE_DIFFERS);

  const orderId = readReference(reader, path, source, 'order');
  const rewardId = readReference(reader, path, source, 'reward');
  const points = readPoints(reader, at('details'), details, type);
  // an approved transaction that was rejected contradicts itself
  const rejection = reader.getObject(at('details'))?.['rejection'] ?? null;
  const isGranted = GRANTING_TYPES.has(type) && source.status === 'APPROVED' && rejection === null;
  const results = details.result
    ? convertResults(reader, at('details', 'result'), details.result, isGranted)
    : [];
  const tierPoints = typeof details.points === 'number' ? details.points : null;

  reader.consume(
    path,
    mergeKeys(
      MEMBER_ID.consumes,
      PROGRAM_ID.consumes,
      CARD_ID.consumes,
      TIER.consumes,
      TRANSACTION.consumes,
      source.order_id ? new Map([['order_id', 'value']]) : NO_KEYS,
      source.reward_id ? new Map([['reward_id', 'value']]) : NO_KEYS,
    ),
  );
  reader.consume(
    at('details'),
    mergeKeys(
      DETAILS.consumes,
      TIER_DETAILS.consumes,
      tierPoints === null ? NO_KEYS : new Map([['points', 'value']]),
    ),
  );
  return {
    member: orNull(MEMBER_ID.convert(source)),
    program: orNull(PROGRAM_ID.convert(source)),
    card: orNull(CARD_ID.convert(source)),
    transaction: TRANSACTION.convert(source, {
      ...DETAILS.convert(details),
      orderId,
      rewardId,
    }),
    points,
    tier: orNull(TIER.convert(source, { ...TIER_DETAILS.convert(details), points: tierPoints })),
    results,
  };
}

/** The id of an order or a reward: a key of the transaction or, in other types, of an object in its details. */
function readReference(
  reader: LoyaltyReader,
  path: Path,
  source: AnyTransaction,
  key: 'order' | 'reward',
): string | null {
  const id = source[`${key}_id`];
  if (id) return id;
  reader.consume([...path, 'details', key], ID_KEY);
  return source.details?.[key]?.id ?? null;
}

function readPoints(
  reader: LoyaltyReader,
  path: Path,
  { points, payment, bucket }: SentDetails,
  type: string | null,
): Loyalty['points'] {
  const read = (): { key: string; sent: Parameters<typeof toPoints>[0]; total: Path } | null => {
    if (isJsonObject(points)) {
      reader.consume([...path, 'points'], MOVED_POINTS.consumes);
      return { key: 'points', sent: MOVED_POINTS.convert(points), total: ['total'] };
    }
    if (payment) {
      reader.consume([...path, 'payment'], SPENT_POINTS.consumes);
      return { key: 'payment', sent: SPENT_POINTS.convert(payment), total: ['points_spent'] };
    }
    if (bucket) {
      reader.consume([...path, 'bucket'], EXPIRED_BUCKET.consumes);
      return { key: 'bucket', sent: EXPIRED_BUCKET.convert(bucket), total: ['points', 'total'] };
    }
    return null;
  };
  const found = read();
  if (found === null) return null;
  if (hasWrongSign(found.sent.total, type)) {
    reader.warn([...path, found.key, ...found.total], WRONG_SIGN);
  }
  return toPoints(found.sent, type);
}

/** Returns null for a part of which nothing is known. */
export function orNull<Part extends object>(part: Part): Part | null {
  return Object.values(part).every((value) => value === null) ? null : part;
}
