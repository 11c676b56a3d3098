import * as v from 'valibot';
import {
  createObjectField,
  EXPECTED_OBJECT,
  BooleanField,
  IdField,
  StringField,
  StringListField,
  TimeField,
} from './fields.ts';

/** A distribution of the Distribution Manager. Only manual distributions send it. */
export const VoucherifyDistributionSchema = v.object(
  {
    id: IdField,
    status: StringField,
    distribution_channels: StringListField,
    consents: createObjectField(v.object({ disabled: BooleanField }, EXPECTED_OBJECT)),
    created_at: TimeField,
    updated_at: TimeField,
    set_live_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyDistribution = v.InferInput<typeof VoucherifyDistributionSchema>;
