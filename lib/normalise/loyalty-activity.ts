import type { Loyalty } from '../record/record.ts';
import type { Path } from '../voucherify/json.ts';
import {
  type VoucherifyCard,
  type VoucherifyCardBalance,
  VoucherifyCardSchema,
  type VoucherifyMember,
  VoucherifyMemberSchema,
  type VoucherifyNextExpiration,
  VoucherifyNextExpirationSchema,
  type VoucherifyProgram,
  VoucherifyProgramSchema,
  type VoucherifyTier,
  VoucherifyTierSchema,
} from '../voucherify/loyalty-objects.ts';
import { constant, defineFieldMap, given, mergeKeys, nested, NO_KEYS } from './field-map.ts';
import { createLenientParser } from './lenient-parse.ts';
import type { LoyaltyReader } from './loyalty-reader.ts';
import { orNull, type TransactionParts } from './loyalty-transaction.ts';

type Member = NonNullable<Loyalty['member']>;
type Program = NonNullable<Loyalty['program']>;
type Card = NonNullable<Loyalty['card']>;
type NextExpiration = NonNullable<Card['nextExpiration']>;
type Balance = NonNullable<Card['balance']>;
type Tier = NonNullable<Loyalty['tier']>;

const MEMBER = defineFieldMap<VoucherifyMember, Member>({
  id: 'id',
  customerId: 'customer_id',
  status: 'status',
  metadata: 'metadata',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const PROGRAM = defineFieldMap<VoucherifyProgram, Program>({
  id: 'id',
  name: 'name',
  status: 'status',
  startsAt: 'start_date',
  endsAt: 'end_date',
  metadata: 'metadata',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const BALANCE = defineFieldMap<VoucherifyCardBalance, Balance>({
  points: 'points',
  pending: 'pending_points',
});

const NEXT_EXPIRATION = defineFieldMap<VoucherifyNextExpiration, NextExpiration>({
  date: 'date',
  points: 'points',
});

const CARD = defineFieldMap<VoucherifyCard, Card, Pick<Card, 'nextExpiration'>>({
  id: 'id',
  code: 'code',
  definitionId: 'card_definition_id',
  type: 'card_type',
  balance: nested('balance', BALANCE),
  nextExpiration: given('nextExpiration'),
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

/** The member that a card names, in the activities that have no member object. */
const CARD_OWNER = defineFieldMap<VoucherifyCard, Member>({
  id: 'member_id',
  customerId: 'customer_id',
  status: constant(null),
  metadata: constant(null),
  createdAt: constant(null),
  updatedAt: constant(null),
});

const TIER = defineFieldMap<VoucherifyTier, Tier>({
  id: 'id',
  name: 'name',
  structureId: 'tier_structure_id',
  from: constant(null),
  to: constant(null),
  points: constant(null),
  startsAt: constant(null),
  expiresAt: constant(null),
});

const parseMember = createLenientParser(VoucherifyMemberSchema);
const parseProgram = createLenientParser(VoucherifyProgramSchema);
const parseCard = createLenientParser(VoucherifyCardSchema);
const parseNextExpiration = createLenientParser(VoucherifyNextExpirationSchema);
const parseTier = createLenientParser(VoucherifyTierSchema);

/**
 * Converts the data of an activity (vendor facts on workflows, section 5): the objects that are about a
 * person, and tiers, whose names are sent nowhere else. All others stay in `unmapped`.
 * @param path of the activity's data
 */
export function convertActivity(reader: LoyaltyReader, path: Path): TransactionParts {
  const at = (...keys: readonly string[]): Path => [...path, ...keys];
  const memberSource = reader.parse(at('member'), parseMember);
  const programSource = reader.parse(at('program'), parseProgram);
  const cardPath = reader.getObject(at('card')) === null ? at('member_card', 'card') : at('card');
  const cardSource = reader.parse(cardPath, parseCard);
  const nextPath = at('member_card', 'card', 'next_expiration');
  const next = reader.parse(nextPath, parseNextExpiration);
  const tierSource = reader.parse(at('tier'), parseTier);

  const nextExpiration = next && NEXT_EXPIRATION.convert(next);
  const member = memberSource && MEMBER.convert(memberSource);
  const owner = member === null && cardSource ? orNull(CARD_OWNER.convert(cardSource)) : null;
  reader.consume(at('member'), MEMBER.consumes);
  reader.consume(at('program'), PROGRAM.consumes);
  reader.consume(at('tier'), TIER.consumes);
  reader.consume(
    cardPath,
    mergeKeys(CARD.consumes, owner === null ? NO_KEYS : CARD_OWNER.consumes),
  );
  if (cardSource !== null) reader.consume(nextPath, NEXT_EXPIRATION.consumes);
  return {
    member: member ?? owner,
    program: programSource && PROGRAM.convert(programSource),
    card: cardSource && CARD.convert(cardSource, { nextExpiration }),
    transaction: null,
    points: null,
    tier: tierSource && TIER.convert(tierSource),
    results: [],
  };
}
