import type { VoucherifyPublication } from '../voucherify/publication.ts';
import { fields, type FieldMap, mergeFields } from './field-map.ts';
import type { Publication } from '../record/record.ts';

export const PUBLICATION_FIELDS: FieldMap = mergeFields(
  fields('id created_at result channel tracking_id source_id customer_id'),
  fields('metadata'),
  [['vouchers_id', 'list']],
);

/** A publication for the record. */
export function toPublication(source: VoucherifyPublication): Publication {
  return {
    id: source.id ?? null,
    createdAt: source.created_at ?? null,
    result: source.result ?? null,
    channel: source.channel ?? null,
    trackingId: source.tracking_id ?? null,
    sourceId: source.source_id ?? null,
    customerId: source.customer_id ?? null,
    voucherIds: source.vouchers_id ?? [],
    metadata: source.metadata ?? null,
  };
}
