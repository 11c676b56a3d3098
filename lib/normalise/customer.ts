import type { VoucherifyCustomer } from '../voucherify/customer.ts';
import { fields, type FieldMap, mergeFields } from './field-map.ts';
import type { Customer } from '../record/record.ts';

export const CUSTOMER_FIELDS: FieldMap = mergeFields(
  fields('id source_id name email phone birthdate description metadata'),
  fields('created_at updated_at'),
  [['address', { of: fields('line_1 line_2 postal_code city state country') }]],
);

/** A customer for the record. */
export function toCustomer(source: VoucherifyCustomer): Customer {
  const { address } = source;
  return {
    id: source.id ?? null,
    sourceId: source.source_id ?? null,
    name: source.name ?? null,
    email: source.email ?? null,
    phone: source.phone ?? null,
    birthdate: source.birthdate ?? null,
    description: source.description ?? null,
    address: address
      ? {
          line1: address.line_1 ?? null,
          line2: address.line_2 ?? null,
          postalCode: address.postal_code ?? null,
          city: address.city ?? null,
          state: address.state ?? null,
          country: address.country ?? null,
        }
      : null,
    metadata: source.metadata ?? null,
    createdAt: source.created_at ?? null,
    updatedAt: source.updated_at ?? null,
  };
}
