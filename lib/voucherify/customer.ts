import * as v from 'valibot';
import { EXPECTED_OBJECT, FreeField, IdField, TextField, TimeField } from './fields.ts';

/** A customer, short or long. `source_id` is the merchant's own id. */
export const CustomerSchema = v.object(
  {
    id: IdField,
    source_id: IdField,
    name: TextField,
    email: IdField,
    phone: IdField,
    birthdate: TimeField,
    description: TextField,
    address: v.nullish(
      v.object(
        {
          line_1: TextField,
          line_2: TextField,
          postal_code: TextField,
          city: TextField,
          state: TextField,
          country: TextField,
        },
        EXPECTED_OBJECT,
      ),
    ),
    metadata: FreeField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type CustomerObject = v.InferInput<typeof CustomerSchema>;
