import { discountVariant } from '../voucherify/discount.ts';
import type { PromotionTierObject } from '../voucherify/promotion-tier.ts';
import { leaves, type Places, together } from './field-map.ts';
import type { PromotionTier } from '../record/record.ts';
import { toValidity, VALIDITY_PLACES } from './validity.ts';
import { DISCOUNT_PLACES, valueOfDiscount } from './value.ts';

const PLACES: Places = together(
  leaves('id name banner active hierarchy category category_id metadata'),
  leaves('created_at updated_at'),
  VALIDITY_PLACES,
);

/** Which keys of a promotion tier have a place; the campaign's id may stand in two, of which one counts. */
export function placesOfPromotionTier(tier: PromotionTierObject): Places {
  const places = new Map(PLACES);
  if (typeof tier.campaign_id === 'string') places.set('campaign_id', 'leaf');
  else places.set('campaign', { of: leaves('id') });
  const discount = tier.action?.discount;
  if (discount) {
    const { form } = discountVariant(discount);
    places.set('action', { of: new Map([['discount', DISCOUNT_PLACES[form]]]) });
  }
  return places;
}

/**
 * A promotion tier for the record. Its value is null when the sender left it out, as distributions do.
 * @param currency ISO 4217, or null when the settings name none
 */
export function toPromotionTier(
  source: PromotionTierObject,
  currency: string | null,
): PromotionTier {
  const discount = source.action?.discount;
  return {
    id: source.id ?? null,
    name: source.name ?? null,
    banner: source.banner ?? null,
    campaignId: source.campaign_id ?? source.campaign?.id ?? null,
    value: discount ? valueOfDiscount(discount, currency) : null,
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
