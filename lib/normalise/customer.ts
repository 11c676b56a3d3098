import type { Customer } from '../record/record.ts';
import type { VoucherifyAddress, VoucherifyCustomer } from '../voucherify/customer.ts';
import { defineFieldMap, nested } from './field-map.ts';

const ADDRESS = defineFieldMap<VoucherifyAddress, NonNullable<Customer['address']>>({
  line1: 'line_1',
  line2: 'line_2',
  postalCode: 'postal_code',
  city: 'city',
  state: 'state',
  country: 'country',
});

/** A customer (vendor facts, section 4). */
export const CUSTOMER = defineFieldMap<VoucherifyCustomer, Customer>({
  id: 'id',
  sourceId: 'source_id',
  name: 'name',
  email: 'email',
  phone: 'phone',
  birthdate: 'birthdate',
  description: 'description',
  address: nested('address', ADDRESS),
  metadata: 'metadata',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});
