import * as v from 'valibot';
import {
  EXPECTED_OBJECT,
  MetadataField,
  IdField,
  StringField,
  StringListField,
  TimeField,
} from './fields.ts';

/** The act of giving vouchers to a customer. `result` is free text; SUCCESS means that it worked. */
export const VoucherifyPublicationSchema = v.object(
  {
    id: IdField,
    created_at: TimeField,
    result: StringField,
    channel: StringField,
    tracking_id: IdField,
    source_id: IdField,
    customer_id: IdField,
    vouchers_id: StringListField,
    metadata: MetadataField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyPublication = v.InferInput<typeof VoucherifyPublicationSchema>;
