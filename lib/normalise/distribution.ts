import type { VoucherifyDistribution } from '../voucherify/distribution.ts';
import { fields, type FieldMap, mergeFields } from './field-map.ts';
import type { Distribution } from '../record/record.ts';

export const DISTRIBUTION_FIELDS: FieldMap = mergeFields(
  fields('id status distribution_channels created_at updated_at set_live_at'),
  [['consents', { of: fields('disabled') }]],
);

/** A distribution for the record. */
export function toDistribution(source: VoucherifyDistribution): Distribution {
  return {
    id: source.id ?? null,
    status: source.status ?? null,
    channels: source.distribution_channels ?? null,
    consentsDisabled: source.consents?.disabled ?? null,
    createdAt: source.created_at ?? null,
    updatedAt: source.updated_at ?? null,
    liveAt: source.set_live_at ?? null,
  };
}
