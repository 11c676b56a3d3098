import type { Distribution } from '../record/record.ts';
import type { VoucherifyDistribution } from '../voucherify/distribution.ts';
import { defineFieldMap, inside, copied } from './field-map.ts';

/** A distribution (vendor facts, section 4). */
export const DISTRIBUTION = defineFieldMap<VoucherifyDistribution, Distribution>({
  id: 'id',
  status: 'status',
  channels: 'distribution_channels',
  consentsDisabled: inside('consents', copied('disabled')),
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  liveAt: 'set_live_at',
});
