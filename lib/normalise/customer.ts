import type { CustomerObject } from '../voucherify/customer.ts';
import { leaves, type Places, together } from './field-map.ts';
import type { Customer } from '../record/record.ts';

export const CUSTOMER_PLACES: Places = together(
  leaves('id source_id name email phone birthdate description metadata'),
  leaves('created_at updated_at'),
  [['address', { of: leaves('line_1 line_2 postal_code city state country') }]],
);

/** A customer for the record. */
export function toCustomer(source: CustomerObject): Customer {
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
