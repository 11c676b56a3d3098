import { isIdNumber, isValue } from '../voucherify/no-value.ts';
import { getObjectAt, isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';

/** A Voucherify object and its path in the data. */
export interface FoundObject {
  readonly path: Path;
  readonly object: JsonObject;
}

/** Where a customer can be. The first one that has an id, email or phone wins. */
const CUSTOMER_PATHS: readonly Path[] = [
  ['customer'],
  ['publication', 'customer'],
  ['holder'],
  ['redemption', 'customer'],
  ['redemption_rollback', 'customer'],
  ['order', 'customer'],
];

const CUSTOMER_ID_KEYS = ['id', 'source_id', 'email', 'phone'];

/** A whole number is read as an id or a phone, too (lib/normalise/lenient-parse.ts). */
function hasCustomerId(object: JsonObject): boolean {
  return CUSTOMER_ID_KEYS.some(
    (key) => isId(object[key]) || (key !== 'email' && isIdNumber(object[key])),
  );
}

/**
 * Finds the customer that the webhook is about; null when there is none. In holder assignments,
 * `holder` is not a customer (vendor facts, section 3.3).
 */
export function findCustomer(data: JsonObject): FoundObject | null {
  let first: FoundObject | null = null;
  for (const path of CUSTOMER_PATHS) {
    const object = getObjectAt(data, path);
    if (object === null || object['object'] === 'redeemable_holder') continue;
    if (hasCustomerId(object)) return { path, object };
    first ??= { path, object };
  }
  return first;
}

const VOUCHER_PATH: Path = ['voucher'];
const PUBLISHED_VOUCHER_PATH: Path = ['publication', 'voucher'];

/** Where other vouchers can be: what was redeemed, and where points came from or went. */
const OTHER_VOUCHER_PATHS: readonly Path[] = [
  ['reward', 'voucher'],
  ['redemption', 'voucher'],
  ['redemption_rollback', 'voucher'],
  ['rollback', 'voucher'],
  ['redemption', 'reward', 'voucher'],
  ['source_voucher'],
  ['destination_voucher'],
];

/** The voucher that the webhook is about, and every other one, each once. */
export interface FoundVouchers {
  readonly main: FoundObject | null;
  /** The main voucher at its other paths: the same id or the same code. */
  readonly copies: readonly FoundObject[];
  readonly others: readonly FoundObject[];
}

/**
 * Finds the vouchers. The long form in the publication wins over `voucher`, which has no images. In
 * reward events the main voucher is the published one, else the reward's; the card that paid for it
 * comes after (vendor facts, section 7). `main` is null when the only voucher is that card.
 */
export function findVouchers(data: JsonObject, isReward: boolean): FoundVouchers {
  const found: FoundObject[] = [];
  const publication = data['publication'];
  if (isReward || (isJsonObject(publication) && isFullVoucher(publication['voucher']))) {
    pushAt(found, data, PUBLISHED_VOUCHER_PATH);
  }
  if (isReward) pushAt(found, data, ['reward', 'voucher']);
  const rewardVoucherCount = found.length;
  pushAt(found, data, VOUCHER_PATH);
  pushList(found, data['vouchers'], ['vouchers']);
  pushAt(found, data, PUBLISHED_VOUCHER_PATH);
  for (const path of OTHER_VOUCHER_PATHS) pushAt(found, data, path);
  if (found.length === 0) return NO_VOUCHERS;

  const hasOnlyPaymentCard =
    isReward && rewardVoucherCount === 0 && publishesOtherVouchers(publication, found[0]);
  const [main, ...others] = found;
  if (main === undefined || hasOnlyPaymentCard)
    return { main: null, copies: [], others: dedupeVouchers(found) };
  if (others.length === 0) return { main, copies: [], others };
  const copies = others.filter(({ object }) => isSameVoucher(object, main.object));
  return { main, copies, others: dedupeVouchers(found).slice(1) };
}

const NO_VOUCHERS: FoundVouchers = { main: null, copies: [], others: [] };

function isSameVoucher(one: JsonObject, other: JsonObject): boolean {
  return ['id', 'code'].some((key) => isId(one[key]) && one[key] === other[key]);
}

function pushAt(found: FoundObject[], data: JsonObject, path: Path): void {
  const object = getObjectAt(data, path);
  if (object !== null) found.push({ path, object });
}

function pushList(found: FoundObject[], list: unknown, path: Path): void {
  if (!Array.isArray(list)) return;
  const items: readonly unknown[] = list;
  items.forEach((object, index) => {
    if (isJsonObject(object)) found.push({ path: [...path, index], object });
  });
}

function isFullVoucher(voucher: unknown): boolean {
  return isJsonObject(voucher) && isId(voucher['code']) && isId(voucher['id']);
}

/** Says whether the publication lists vouchers, but not this one. */
function publishesOtherVouchers(publication: unknown, voucher: FoundObject | undefined): boolean {
  if (!isJsonObject(publication)) return false;
  const ids: unknown = publication['vouchers_id'];
  return Array.isArray(ids) && ids.length > 0 && !ids.includes(voucher?.object['id']);
}

/** The same voucher can be in several places. Vouchers with the same id or the same code are one. */
function dedupeVouchers(found: readonly FoundObject[]): FoundObject[] {
  const seen = new Set<unknown>();
  return found.filter(({ object }) => {
    const { id, code } = object;
    const isDuplicate =
      (isId(id) && seen.has(`id ${id}`)) || (isId(code) && seen.has(`code ${code}`));
    if (isId(id)) seen.add(`id ${id}`);
    if (isId(code)) seen.add(`code ${code}`);
    return !isDuplicate;
  });
}

/** Says whether a value identifies something, as an id or a code. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && isValue(value);
}
