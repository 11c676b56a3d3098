import * as v from 'valibot';
import { EXPECTED_OBJECT, FlagField, IdField, TextField, TextsField, TimeField } from './fields.ts';

/** A distribution of the Distribution Manager; sent with the manual ones only. */
export const DistributionSchema = v.object(
  {
    id: IdField,
    status: TextField,
    distribution_channels: TextsField,
    consents: v.nullish(v.object({ disabled: FlagField }, EXPECTED_OBJECT)),
    created_at: TimeField,
    updated_at: TimeField,
    set_live_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type DistributionObject = v.InferInput<typeof DistributionSchema>;
