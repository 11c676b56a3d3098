import * as v from 'valibot';
import {
  createObjectField,
  EmailField,
  EXPECTED_OBJECT,
  MetadataField,
  IdField,
  NameField,
  StringField,
  TimeField,
} from './fields.ts';

const VoucherifyAddressSchema = v.object(
  {
    line_1: StringField,
    line_2: StringField,
    postal_code: StringField,
    city: StringField,
    state: StringField,
    country: StringField,
  },
  EXPECTED_OBJECT,
);
/** The postal address of a customer. */
export type VoucherifyAddress = v.InferInput<typeof VoucherifyAddressSchema>;

/** A customer, in short or full form. `source_id` is the merchant's own id. */
export const VoucherifyCustomerSchema = v.object(
  {
    id: IdField,
    source_id: IdField,
    name: NameField,
    email: EmailField,
    phone: IdField,
    birthdate: TimeField,
    description: StringField,
    address: createObjectField(VoucherifyAddressSchema),
    metadata: MetadataField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyCustomer = v.InferInput<typeof VoucherifyCustomerSchema>;
