import * as v from 'valibot';
import { EXPECTED_OBJECT, FlagField, FreeField, IdField, TextField, TimeField } from './fields.ts';

/** A campaign, short or full. What its vouchers are worth is read from the voucher itself. */
export const CampaignSchema = v.object(
  {
    id: IdField,
    name: TextField,
    campaign_type: TextField,
    type: TextField,
    category: TextField,
    category_id: TextField,
    description: TextField,
    active: FlagField,
    start_date: TimeField,
    expiration_date: TimeField,
    is_referral_code: FlagField,
    metadata: FreeField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type CampaignObject = v.InferInput<typeof CampaignSchema>;
