import type { VoucherifyCampaign } from '../voucherify/campaign.ts';
import { fields, type FieldMap } from './field-map.ts';
import type { Campaign } from '../record/record.ts';

export const CAMPAIGN_FIELDS: FieldMap = fields(
  'id name campaign_type type category category_id description active start_date ' +
    'expiration_date is_referral_code metadata created_at updated_at',
);

const KIND_BY_CAMPAIGN_TYPE: ReadonlyMap<string, string> = new Map([
  ['DISCOUNT_COUPONS', 'discount'],
  ['GIFT_VOUCHERS', 'gift'],
  ['LOYALTY_PROGRAM', 'loyalty'],
  ['PROMOTION', 'promotion'],
  ['REFERRAL_PROGRAM', 'referral'],
]);

/** A campaign for the record. A campaign type that is not known here stays as sent. */
export function toCampaign(source: VoucherifyCampaign): Campaign {
  const type = source.campaign_type ?? null;
  return {
    id: source.id ?? null,
    name: source.name ?? null,
    kind: type === null ? null : (KIND_BY_CAMPAIGN_TYPE.get(type) ?? type),
    type: source.type ?? null,
    category: source.category ?? null,
    categoryId: source.category_id ?? null,
    description: source.description ?? null,
    active: source.active ?? null,
    startsAt: source.start_date ?? null,
    expiresAt: source.expiration_date ?? null,
    referralCode: source.is_referral_code ?? null,
    metadata: source.metadata ?? null,
    createdAt: source.created_at ?? null,
    updatedAt: source.updated_at ?? null,
  };
}
