import * as v from 'valibot';
import {
  EXPECTED_OBJECT,
  BooleanField,
  MetadataField,
  IdField,
  NameField,
  StringField,
  TimeField,
} from './fields.ts';

/** A campaign, in short or full form. The value of its vouchers is read from the voucher itself. */
export const VoucherifyCampaignSchema = v.object(
  {
    id: IdField,
    name: NameField,
    campaign_type: StringField,
    type: StringField,
    category: StringField,
    category_id: IdField,
    description: StringField,
    active: BooleanField,
    start_date: TimeField,
    expiration_date: TimeField,
    is_referral_code: BooleanField,
    metadata: MetadataField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyCampaign = v.InferInput<typeof VoucherifyCampaignSchema>;
