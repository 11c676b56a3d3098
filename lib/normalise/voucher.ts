import { kindOfType, type VoucherObject } from '../voucherify/voucher.ts';
import { leaves, type Place, type Places, together } from './field-map.ts';
import type { Publication, Voucher } from '../record/record.ts';
import { judgeUsable } from '../record/usability.ts';
import { toValidity, VALIDITY_PLACES } from './validity.ts';
import { DISCOUNT_PLACES, GIFT_PLACE, LOYALTY_CARD_PLACE } from './value.ts';
import type { Worth } from './voucher-value.ts';

const IMAGE_PLACE: Place = { of: leaves('id url') };

/** The keys that every voucher has. */
const COMMON_PLACES: Places = together(
  leaves(
    'id code active campaign campaign_id holder_id referrer_id is_referral_code ' +
      'category category_id metadata created_at updated_at',
  ),
  VALIDITY_PLACES,
  [
    ['redemption', { of: leaves('quantity redeemed_quantity') }],
    ['assets', { of: together([['qr', IMAGE_PLACE]], [['barcode', IMAGE_PLACE]]) }],
  ],
);

/** One table for each block that can say what a voucher is worth; made once, looked up by the block's place. */
const PLACES_BY_WORTH: ReadonlyMap<Place, Places> = new Map(
  [
    ...Object.values(DISCOUNT_PLACES).map((place) => ['discount', place] as const),
    ['gift', GIFT_PLACE] as const,
    ['loyalty_card', LOYALTY_CARD_PLACE] as const,
  ].map(([block, place]) => [place, together(COMMON_PLACES, [['type', 'leaf']], [[block, place]])]),
);

/** What becomes of the keys of a voucher. Its type has a place only when it gave the kind. */
export function placesOfVoucher(voucher: VoucherObject, { place }: Worth): Places {
  const typed = kindOfType(voucher.type) !== null;
  const places = place === null ? null : PLACES_BY_WORTH.get(place);
  if (places && typed) return places;
  const other = new Map(places ?? COMMON_PLACES);
  if (typed) other.set('type', 'leaf');
  else other.delete('type');
  return other;
}

/**
 * A voucher for the record.
 * @param publication the one that gave it, or null
 * @param at RFC 3339, the time at which its use is judged
 */
export function toVoucher(
  source: VoucherObject,
  { kind, value }: Worth,
  publication: Publication | null,
  at: string,
): Voucher {
  const { assets } = source;
  const voucher: Voucher = {
    id: source.id ?? null,
    code: source.code ?? null,
    kind,
    value,
    usable: true,
    unusableBecause: [],
    active: source.active ?? null,
    ...toValidity(source),
    redemptions: toRedemptions(source.redemption),
    campaignId: source.campaign_id ?? null,
    campaignName: source.campaign ?? null,
    holderId: source.holder_id ?? null,
    referrerId: source.referrer_id ?? null,
    referralCode: source.is_referral_code ?? null,
    category: source.category ?? null,
    categoryId: source.category_id ?? null,
    assets: assets ? { qr: toImage(assets.qr), barcode: toImage(assets.barcode) } : null,
    metadata: source.metadata ?? null,
    createdAt: source.created_at ?? null,
    updatedAt: source.updated_at ?? null,
  };
  voucher.unusableBecause = judgeUsable(voucher, publication, at);
  voucher.usable = voucher.unusableBecause.length === 0;
  return voucher;
}

/** A limit of null is no limit; what is left is then not a number either. */
function toRedemptions(source: VoucherObject['redemption']): Voucher['redemptions'] {
  if (!source) return null;
  const limit = source.quantity ?? null;
  const used = source.redeemed_quantity ?? null;
  const left = limit === null || used === null ? null : Math.max(0, limit - used);
  return { limit, used, left };
}

function toImage(
  source: { id?: string | null | undefined; url?: string | null | undefined } | null | undefined,
): { id: string | null; url: string | null } | null {
  return source ? { id: source.id ?? null, url: source.url ?? null } : null;
}
