import * as v from 'valibot';
import { EXPECTED_OBJECT, FreeField, IdField, TextField, TextsField, TimeField } from './fields.ts';

/** The act of giving vouchers to a customer. `result` is open text; SUCCESS is the good one. */
export const PublicationSchema = v.object(
  {
    id: IdField,
    created_at: TimeField,
    result: TextField,
    channel: TextField,
    tracking_id: TextField,
    source_id: TextField,
    customer_id: TextField,
    vouchers_id: TextsField,
    metadata: FreeField,
  },
  EXPECTED_OBJECT,
);
export type PublicationObject = v.InferInput<typeof PublicationSchema>;
