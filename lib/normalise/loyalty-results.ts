import type { Loyalty } from '../record/record.ts';
import type { JsonObject, Path } from '../voucherify/json.ts';
import type {
  VoucherifyBenefitResult,
  VoucherifyCouponResult,
  VoucherifyDigitalResult,
  VoucherifyGiftResult,
  VoucherifyMaterialResult,
  VoucherifyPointsResult,
  VoucherifyResult,
} from '../voucherify/loyalty-transaction.ts';
import {
  computed,
  type ConsumedKeys,
  constant,
  copied,
  defineFieldMap,
  given,
  inside,
  items,
  nested,
  NO_KEYS,
} from './field-map.ts';
import type { LoyaltyReader } from './loyalty-reader.ts';

type Result = Loyalty['results'][number];

/** Every key of a result, in the record's order. `usable` is evaluated for the finished result. */
const NOTHING = {
  kind: constant(null),
  voucherId: constant(null),
  code: constant(null),
  usable: constant(false),
  result: constant(null),
  amount: constant(null),
  balance: constant(null),
  points: constant(null),
  cardId: constant(null),
  productId: constant(null),
  skuId: constant(null),
  quantity: constant(null),
};

const COUPON = defineFieldMap<VoucherifyCouponResult, Result>({
  ...NOTHING,
  kind: constant('discount'),
  voucherId: 'id',
  code: 'code',
  result: 'result',
});

const GIFT = defineFieldMap<VoucherifyGiftResult, Result>({
  ...NOTHING,
  kind: constant('gift'),
  voucherId: 'id',
  code: 'code',
  result: 'result',
  amount: 'amount',
  balance: 'balance',
});

const CARD_POINTS = defineFieldMap<VoucherifyPointsResult, Result>({
  ...NOTHING,
  kind: constant('points'),
  points: 'points',
  cardId: 'card_id',
});

const DIGITAL = defineFieldMap<
  VoucherifyDigitalResult,
  { coupons: Result[] | null; gifts: Result[] | null; points: Result | null }
>({
  coupons: items('discount_coupons', COUPON),
  gifts: items('gift_vouchers', GIFT),
  points: nested('loyalty_card_points', CARD_POINTS),
});

const MATERIAL = defineFieldMap<VoucherifyMaterialResult, Result, Pick<Result, 'quantity'>>({
  ...NOTHING,
  kind: constant('material'),
  productId: inside('product', copied('id')),
  skuId: inside('sku', copied('id')),
  quantity: given('quantity'),
});

const BENEFIT_KINDS: ReadonlyMap<string | null | undefined, 'discount' | 'gift'> = new Map([
  ['DISCOUNT_COUPONS', 'discount'],
  ['GIFT_VOUCHERS', 'gift'],
]);

const BENEFIT = defineFieldMap<VoucherifyBenefitResult, Result>({
  ...NOTHING,
  kind: computed(
    ({ digital }: VoucherifyBenefitResult) => BENEFIT_KINDS.get(digital?.type) ?? null,
  ),
  voucherId: 'voucher_id',
  code: 'code',
  result: 'result',
  balance: 'balance',
});

/** What Voucherify says of a result that was taken back, or was not (vendor facts on workflows, section 4). */
const KNOWN_RESULTS: ReadonlySet<string> = new Set(['DELETED', 'SKIPPED', 'CREDITS_SUBTRACTED']);
const UNKNOWN_RESULT = 'Unknown result; the code counts as not usable';

/** The fields that decide whether a code can be handed out. One that cannot be read decides against it. */
const USE_KEYS = ['code', 'result', 'amount', 'balance'];

/**
 * Converts what a reward or a benefit gave, from all places where it can be (vendor facts on workflows,
 * section 4, result blocks).
 * @param path of `result` in the data
 * @param isGranted the transaction gives something, and is approved. If not, no code is usable
 */
export function convertResults(
  reader: LoyaltyReader,
  path: Path,
  { quantity, material, digital, details }: VoucherifyResult,
  isGranted: boolean,
): Result[] {
  const results: Result[] = [];
  const add = (result: Result, at: Path): void => {
    const { code, result: taken, amount, balance } = result;
    const isReadable = USE_KEYS.every((key) => !reader.isUnreadable([...at, key]));
    if (taken !== null && !KNOWN_RESULTS.has(taken)) reader.warn([...at, 'result'], UNKNOWN_RESULT);
    const hasCredit = [amount, balance].every((credit) => credit === null || credit > 0);
    const isUsable = isGranted && isReadable && code !== null && taken === null && hasCredit;
    results.push({ ...result, usable: isUsable });
  };
  const addMaterial = (goods: VoucherifyMaterialResult, at: Path): void => {
    const result = MATERIAL.convert(goods, { quantity: quantity ?? null });
    reader.consume(at, MATERIAL.consumes);
    // a SKU names its product in another place
    add({ ...result, productId: result.productId ?? goods.sku?.product_id ?? null }, at);
  };

  if (digital) {
    const { coupons, gifts, points } = DIGITAL.convert(digital);
    const at = [...path, 'digital'];
    reader.consume(at, omitEmptyLists(DIGITAL.consumes, digital));
    coupons?.forEach((each, index) => add(each, [...at, 'discount_coupons', index]));
    gifts?.forEach((each, index) => add(each, [...at, 'gift_vouchers', index]));
    if (points !== null) add(points, [...at, 'loyalty_card_points']);
  }
  if (material) addMaterial(material, [...path, 'material']);
  if (details) {
    const at = [...path, 'details'];
    if (details.digital ?? details.code ?? details.voucher_id) {
      reader.consume(at, BENEFIT.consumes);
      add(BENEFIT.convert(details), at);
    }
    if (details.material) addMaterial(details.material, [...at, 'material']);
  }
  const hasQuantity = results.some((each) => each.kind === 'material');
  reader.consume(path, hasQuantity ? new Map([['quantity', 'value']]) : NO_KEYS);
  return results;
}

/** The results are in one list, so that an empty list of coupons leaves no trace in it. */
function omitEmptyLists(keys: ConsumedKeys, object: JsonObject): ConsumedKeys {
  const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  return new Map([...keys].filter(([key]) => !isEmptyList(object[key])));
}
