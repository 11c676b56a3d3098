import { discountVariant } from '../voucherify/discount.ts';
import type { VoucherifyPromotionTier } from '../voucherify/promotion-tier.ts';
import { fields, type FieldMap, mergeFields } from './field-map.ts';
import type { PromotionTier } from '../record/record.ts';
import { toValidity, VALIDITY_FIELDS } from './validity.ts';
import { DISCOUNT_RULES, toDiscountValue } from './value.ts';

const COMMON_FIELDS: FieldMap = mergeFields(
  fields('id name banner active hierarchy category category_id metadata'),
  fields('created_at updated_at'),
  VALIDITY_FIELDS,
);

/** Which keys of a promotion tier have a place; the campaign's id may stand in two, of which one counts. */
export function getPromotionTierFields(tier: VoucherifyPromotionTier): FieldMap {
  const fieldMap = new Map(COMMON_FIELDS);
  if (typeof tier.campaign_id === 'string') fieldMap.set('campaign_id', 'leaf');
  else fieldMap.set('campaign', { of: fields('id') });
  const discount = tier.action?.discount;
  if (discount) {
    const { form } = discountVariant(discount);
    fieldMap.set('action', { of: new Map([['discount', DISCOUNT_RULES[form]]]) });
  }
  return fieldMap;
}

/**
 * A promotion tier for the record. Its value is null when the sender left it out, as distributions do.
 * @param currency ISO 4217, or null when the settings name none
 */
export function toPromotionTier(
  source: VoucherifyPromotionTier,
  currency: string | null,
): PromotionTier {
  const discount = source.action?.discount;
  return {
    id: source.id ?? null,
    name: source.name ?? null,
    banner: source.banner ?? null,
    campaignId: source.campaign_id ?? source.campaign?.id ?? null,
    value: discount ? toDiscountValue(discount, currency) : null,
    active: source.active ?? null,
    hierarchy: source.hierarchy ?? null,
    ...toValidity(source),
    category: source.category ?? null,
    categoryId: source.category_id ?? null,
    metadata: source.metadata ?? null,
    createdAt: source.created_at ?? null,
    updatedAt: source.updated_at ?? null,
  };
}
