import { toVoucherKind, type VoucherifyVoucher } from '../voucherify/voucher.ts';
import { fields, type FieldRule, type FieldMap, mergeFields } from './field-map.ts';
import type { Publication, Voucher } from '../record/record.ts';
import { findUnusableReasons } from '../record/usability.ts';
import { toValidity, VALIDITY_FIELDS } from './validity.ts';
import { DISCOUNT_RULES, GIFT_RULE, LOYALTY_CARD_RULE } from './value.ts';
import type { ParsedValue } from './voucher-value.ts';

const IMAGE_RULE: FieldRule = { of: fields('id url') };

/** The keys that every voucher has. */
const COMMON_FIELDS: FieldMap = mergeFields(
  fields(
    'id code active campaign campaign_id holder_id referrer_id is_referral_code ' +
      'category category_id metadata created_at updated_at',
  ),
  VALIDITY_FIELDS,
  [
    ['redemption', { of: fields('quantity redeemed_quantity') }],
    ['assets', { of: mergeFields([['qr', IMAGE_RULE]], [['barcode', IMAGE_RULE]]) }],
  ],
);

/** One table for each block that can say what a voucher is worth; made once, looked up by the block's place. */
const FIELDS_BY_RULE: ReadonlyMap<FieldRule, FieldMap> = new Map(
  [
    ...Object.values(DISCOUNT_RULES).map((place) => ['discount', place] as const),
    ['gift', GIFT_RULE] as const,
    ['loyalty_card', LOYALTY_CARD_RULE] as const,
  ].map(([block, place]) => [
    place,
    mergeFields(COMMON_FIELDS, [['type', 'leaf']], [[block, place]]),
  ]),
);

/** What becomes of the keys of a voucher. Its type has a place only when it gave the kind. */
export function getVoucherFields(voucher: VoucherifyVoucher, { fieldRule }: ParsedValue): FieldMap {
  const hasKnownType = toVoucherKind(voucher.type) !== null;
  const fieldMap = fieldRule === null ? null : FIELDS_BY_RULE.get(fieldRule);
  if (fieldMap && hasKnownType) return fieldMap;
  const ownFieldMap = new Map(fieldMap ?? COMMON_FIELDS);
  if (hasKnownType) ownFieldMap.set('type', 'leaf');
  else ownFieldMap.delete('type');
  return ownFieldMap;
}

/**
 * A voucher for the record.
 * @param publication the one that gave it, or null
 * @param receivedAt RFC 3339, the time at which its use is judged
 */
export function toVoucher(
  source: VoucherifyVoucher,
  { kind, value }: ParsedValue,
  publication: Publication | null,
  receivedAt: string,
): Voucher {
  const { assets } = source;
  const voucher: Voucher = {
    id: source.id ?? null,
    code: source.code ?? null,
    kind,
    value,
    usable: true,
    unusableReasons: [],
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
  voucher.unusableReasons = findUnusableReasons(voucher, publication, receivedAt);
  voucher.usable = voucher.unusableReasons.length === 0;
  return voucher;
}

/** A limit of null is no limit; what is left is then not a number either. */
function toRedemptions(source: VoucherifyVoucher['redemption']): Voucher['redemptions'] {
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
