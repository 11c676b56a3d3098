import type { Distribution } from '../record/record.ts';
import type { VoucherifyDistribution } from '../voucherify/distribution.ts';
import { defineObject, inside, copied } from './object-map.ts';

/** A distribution (vendor facts, section 4). */
export const DISTRIBUTION = defineObject<VoucherifyDistribution, Distribution>({
  id: 'id',
  status: 'status',
  channels: 'distribution_channels',
  consentsDisabled: inside('consents', copied('disabled')),
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  liveAt: 'set_live_at',
});
