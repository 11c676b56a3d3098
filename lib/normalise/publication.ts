import type { Publication } from '../record/record.ts';
import type { VoucherifyPublication } from '../voucherify/publication.ts';
import { defineFieldMap, listOrEmpty } from './field-map.ts';

/** A publication (vendor facts, section 4). */
export const PUBLICATION = defineFieldMap<VoucherifyPublication, Publication>({
  id: 'id',
  createdAt: 'created_at',
  result: 'result',
  channel: 'channel',
  trackingId: 'tracking_id',
  sourceId: 'source_id',
  customerId: 'customer_id',
  voucherIds: listOrEmpty('vouchers_id'),
  metadata: 'metadata',
});
