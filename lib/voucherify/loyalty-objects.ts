import * as v from 'valibot';
import {
  CodeField,
  createObjectField,
  EXPECTED_OBJECT,
  IdField,
  MetadataField,
  SignedNumberField,
  StringField,
  TimeField,
} from './fields.ts';

/** The objects in the activities of Loyalty v2 that are about a person (vendor facts on workflows, section 5). */

/** A customer's membership in one program. */
export const VoucherifyMemberSchema = v.object(
  {
    id: IdField,
    customer_id: IdField,
    program_id: IdField,
    status: StringField,
    metadata: MetadataField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyMember = v.InferInput<typeof VoucherifyMemberSchema>;

/** A loyalty program. */
export const VoucherifyProgramSchema = v.object(
  {
    id: IdField,
    name: StringField,
    status: StringField,
    start_date: TimeField,
    end_date: TimeField,
    metadata: MetadataField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyProgram = v.InferInput<typeof VoucherifyProgramSchema>;

const VoucherifyCardBalanceSchema = v.object(
  { points: SignedNumberField, pending_points: SignedNumberField },
  EXPECTED_OBJECT,
);
/** What is on a card. A card definition can allow a negative balance. */
export type VoucherifyCardBalance = v.InferInput<typeof VoucherifyCardBalanceSchema>;

/** A card of a member, whole or as in `member_card`. */
export const VoucherifyCardSchema = v.object(
  {
    id: IdField,
    program_id: IdField,
    card_definition_id: IdField,
    card_type: StringField,
    code: CodeField,
    customer_id: IdField,
    member_id: IdField,
    balance: createObjectField(VoucherifyCardBalanceSchema),
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyCard = v.InferInput<typeof VoucherifyCardSchema>;

/** The points of a card that expire next. */
export const VoucherifyNextExpirationSchema = v.object(
  { date: TimeField, points: SignedNumberField },
  EXPECTED_OBJECT,
);
export type VoucherifyNextExpiration = v.InferInput<typeof VoucherifyNextExpirationSchema>;

/** A tier of a tier structure. */
export const VoucherifyTierSchema = v.object(
  { id: IdField, tier_structure_id: IdField, name: StringField },
  EXPECTED_OBJECT,
);
export type VoucherifyTier = v.InferInput<typeof VoucherifyTierSchema>;

/**
 * The activity around its data, in the newest form of these webhooks. One of these ids says what it is
 * about (vendor facts on workflows, section 2).
 */
export const VoucherifyActivitySchema = v.object(
  { member_id: IdField, program_id: IdField, card_id: IdField },
  EXPECTED_OBJECT,
);
