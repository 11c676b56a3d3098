import type { PromotionTier } from '../record/record.ts';
import type { VoucherifyPromotionTier } from '../voucherify/promotion-tier.ts';
import { parseDiscount, type ValueIssue } from './discount.ts';
import {
  type ConsumedKeys,
  defineFieldMap,
  given,
  inside,
  mergeKeys,
  NO_KEYS,
  copied,
} from './field-map.ts';
import { VALIDITY_FIELDS } from './validity.ts';

const PROMOTION_TIER = defineFieldMap<
  VoucherifyPromotionTier,
  PromotionTier,
  Pick<PromotionTier, 'campaignId' | 'value'>
>({
  id: 'id',
  name: 'name',
  banner: 'banner',
  campaignId: given('campaignId'),
  value: given('value'),
  active: 'active',
  hierarchy: 'hierarchy',
  ...VALIDITY_FIELDS,
  category: 'category',
  categoryId: 'category_id',
  metadata: 'metadata',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const CAMPAIGN_ID = copied<'campaign_id', string>('campaign_id');
const ID_OF_CAMPAIGN = inside('campaign', copied<'id', string>('id'));

/** A promotion tier in the record's form, the keys that it consumes, and the issues of its value. */
export interface ConvertedPromotionTier {
  readonly promotionTier: PromotionTier;
  readonly consumes: ConsumedKeys;
  /** Paths start at the promotion tier. */
  readonly valueIssues: readonly ValueIssue[];
}

/**
 * Converts a promotion tier. Its value is null when Voucherify leaves it out, as in distributions
 * (vendor facts, section 4). The id of its campaign is in one of two places.
 * @param currency ISO 4217, or null when the settings name none
 */
export function convertPromotionTier(
  tier: VoucherifyPromotionTier,
  currency: string | null,
): ConvertedPromotionTier {
  const campaignId = typeof tier.campaign_id === 'string' ? CAMPAIGN_ID : ID_OF_CAMPAIGN;
  const discount = tier.action?.discount;
  const parsed = discount ? parseDiscount(discount, currency, ['action', 'discount']) : null;
  const action: ConsumedKeys = parsed
    ? new Map([['action', { keys: new Map([['discount', { keys: parsed.consumes }]]) }]])
    : NO_KEYS;
  return {
    promotionTier: PROMOTION_TIER.convert(tier, {
      campaignId: campaignId.read(tier),
      value: parsed?.value ?? null,
    }),
    consumes: mergeKeys(PROMOTION_TIER.consumes, campaignId.consumes, action),
    valueIssues: parsed?.valueIssues ?? [],
  };
}
