import type { Campaign } from '../record/record.ts';
import type { VoucherifyCampaign } from '../voucherify/campaign.ts';
import { converted, defineFieldMap } from './field-map.ts';

const KIND_BY_CAMPAIGN_TYPE: ReadonlyMap<string, string> = new Map([
  ['DISCOUNT_COUPONS', 'discount'],
  ['GIFT_VOUCHERS', 'gift'],
  ['LOYALTY_PROGRAM', 'loyalty'],
  ['PROMOTION', 'promotion'],
  ['REFERRAL_PROGRAM', 'referral'],
]);

/** A campaign (vendor facts, section 4). An unknown campaign type stays as sent. */
export const CAMPAIGN = defineFieldMap<VoucherifyCampaign, Campaign>({
  id: 'id',
  name: 'name',
  kind: converted('campaign_type', (type: string) => KIND_BY_CAMPAIGN_TYPE.get(type) ?? type),
  type: 'type',
  category: 'category',
  categoryId: 'category_id',
  description: 'description',
  active: 'active',
  startsAt: 'start_date',
  expiresAt: 'expiration_date',
  referralCode: 'is_referral_code',
  metadata: 'metadata',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});
