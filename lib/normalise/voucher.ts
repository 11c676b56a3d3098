import type { Publication, Voucher } from '../record/record.ts';
import { findUnusableReasons } from '../record/usability.ts';
import type {
  VoucherifyAssets,
  VoucherifyImage,
  VoucherifyRedemptions,
  VoucherifyVoucher,
} from '../voucherify/voucher.ts';
import type { ValueIssue } from './discount.ts';
import {
  computed,
  type ConsumedKeys,
  constant,
  defineFieldMap,
  given,
  mergeKeys,
  nested,
} from './field-map.ts';
import { VALIDITY_FIELDS } from './validity.ts';
import { parseVoucherValue } from './voucher-value.ts';

type Redemptions = NonNullable<Voucher['redemptions']>;
type Assets = NonNullable<Voucher['assets']>;

const REDEMPTIONS = defineFieldMap<VoucherifyRedemptions, Redemptions>({
  limit: 'quantity',
  used: 'redeemed_quantity',
  left: computed(countLeft),
});

/** Without a limit there is no number that is left. */
function countLeft({ quantity, redeemed_quantity: used }: VoucherifyRedemptions): number | null {
  if (typeof quantity !== 'number' || typeof used !== 'number') return null;
  return Math.max(0, quantity - used);
}

const IMAGE = defineFieldMap<VoucherifyImage, NonNullable<Assets['qr']>>({ id: 'id', url: 'url' });

const ASSETS = defineFieldMap<VoucherifyAssets, Assets>({
  qr: nested('qr', IMAGE),
  barcode: nested('barcode', IMAGE),
});

const VOUCHER = defineFieldMap<VoucherifyVoucher, Voucher, Pick<Voucher, 'kind' | 'value'>>({
  id: 'id',
  code: 'code',
  kind: given('kind'),
  value: given('value'),
  // placeholders for the order of keys: convertVoucher computes both from the finished voucher
  usable: constant(true),
  unusableReasons: computed(() => []),
  active: 'active',
  ...VALIDITY_FIELDS,
  redemptions: nested('redemption', REDEMPTIONS),
  campaignId: 'campaign_id',
  campaignName: 'campaign',
  holderId: 'holder_id',
  referrerId: 'referrer_id',
  referralCode: 'is_referral_code',
  category: 'category',
  categoryId: 'category_id',
  assets: nested('assets', ASSETS),
  metadata: 'metadata',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

/** A voucher in the record's form, the keys that it consumes, and the issues of its value. */
export interface ConvertedVoucher {
  readonly voucher: Voucher;
  readonly consumes: ConsumedKeys;
  /** Paths start at the voucher. */
  readonly valueIssues: readonly ValueIssue[];
}

/** What a voucher's conversion needs beside the voucher. */
export interface VoucherContext {
  /** ISO 4217, or null when the settings name none. */
  readonly currency: string | null;
  /** The publication that gave the voucher, or null. */
  readonly publication: Publication | null;
  /** RFC 3339, the time at which `usable` holds. */
  readonly checkedAt: string;
  /** A field that decides if the voucher can be used could not be read (lib/normalise/use-fields.ts). */
  readonly isUseHidden: boolean;
}

/** Converts a voucher (vendor facts, section 4). */
export function convertVoucher(
  source: VoucherifyVoucher,
  { currency, publication, checkedAt, isUseHidden }: VoucherContext,
): ConvertedVoucher {
  const { kind, value, consumes, valueIssues } = parseVoucherValue(source, currency);
  const voucher = VOUCHER.convert(source, { kind, value });
  const unusableReasons = findUnusableReasons(voucher, publication, checkedAt);
  if (isUseHidden) unusableReasons.push('unreadable');
  return {
    voucher: { ...voucher, usable: unusableReasons.length === 0, unusableReasons },
    consumes: mergeKeys(VOUCHER.consumes, consumes),
    valueIssues,
  };
}
