import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { Path } from './path.ts';

/** An object of the sender and where it stands in the data. */
export interface Located {
  readonly at: Path;
  readonly object: JsonObject;
}

/** Where a customer may stand; the first one that names a person wins. */
const CUSTOMER_PLACES: readonly Path[] = [
  ['customer'],
  ['publication', 'customer'],
  ['holder'],
  ['redemption', 'customer'],
  ['redemption_rollback', 'customer'],
  ['order', 'customer'],
];

const CUSTOMER_KEYS = ['id', 'source_id', 'email', 'phone'];

/** Finds the customer that the webhook is about; in holder assignments `holder` is no customer. */
export function locateCustomer(data: JsonObject): Located | null {
  let first: Located | null = null;
  for (const at of CUSTOMER_PLACES) {
    const object = objectAt(data, at);
    if (object === null || object['object'] === 'redeemable_holder') continue;
    if (CUSTOMER_KEYS.some((key) => isText(object[key]))) return { at, object };
    first ??= { at, object };
  }
  return first;
}

const VOUCHER: Path = ['voucher'];
const PUBLISHED: Path = ['publication', 'voucher'];

/** Where else vouchers stand: what was redeemed, and where points came from or went. */
const FURTHER_PLACES: readonly Path[] = [
  ['reward', 'voucher'],
  ['redemption', 'voucher'],
  ['redemption_rollback', 'voucher'],
  ['rollback', 'voucher'],
  ['redemption', 'reward', 'voucher'],
  ['source_voucher'],
  ['destination_voucher'],
];

/** The voucher that the webhook is about, and every other one, each once. */
export interface LocatedVouchers {
  readonly main: Located | null;
  readonly others: readonly Located[];
}

/**
 * Finds the vouchers. The long form in the publication wins over the short one beside it, which
 * lacks its pictures. In reward events the main voucher is the published one, else the reward's;
 * the card that paid for it comes after (vendor facts, section 7).
 */
export function locateVouchers(data: JsonObject, isReward: boolean): LocatedVouchers {
  const found: Located[] = [];
  const publication = data['publication'];
  if (isReward || (isJsonObject(publication) && isLongForm(publication['voucher']))) {
    pushAt(found, data, PUBLISHED);
  }
  if (isReward) pushAt(found, data, ['reward', 'voucher']);
  const given = found.length;
  pushAt(found, data, VOUCHER);
  pushList(found, data['vouchers'], ['vouchers']);
  pushAt(found, data, PUBLISHED);
  for (const at of FURTHER_PLACES) pushAt(found, data, at);
  if (found.length === 0) return NO_VOUCHERS;

  const onlyPaying = isReward && given === 0 && namesOtherVouchers(publication, found[0]);
  const [main, ...others] = found;
  if (main === undefined || onlyPaying) return { main: null, others: distinct(found) };
  return { main, others: others.length === 0 ? others : distinct(found).slice(1) };
}

const NO_VOUCHERS: LocatedVouchers = { main: null, others: [] };

function pushAt(found: Located[], data: JsonObject, at: Path): void {
  const object = objectAt(data, at);
  if (object !== null) found.push({ at, object });
}

function pushList(found: Located[], list: unknown, at: Path): void {
  if (!Array.isArray(list)) return;
  const items: readonly unknown[] = list;
  items.forEach((object, index) => {
    if (isJsonObject(object)) found.push({ at: [...at, index], object });
  });
}

function isLongForm(voucher: unknown): boolean {
  return isJsonObject(voucher) && isText(voucher['code']) && isText(voucher['id']);
}

/** Says whether the publication lists vouchers, but not this one. */
function namesOtherVouchers(publication: unknown, voucher: Located | undefined): boolean {
  if (!isJsonObject(publication)) return false;
  const ids: unknown = publication['vouchers_id'];
  return Array.isArray(ids) && ids.length > 0 && !ids.includes(voucher?.object['id']);
}

/** The same voucher is told in several places; its id, else its code, says which one it is. */
function distinct(found: readonly Located[]): Located[] {
  const seen = new Set<unknown>();
  return found.filter(({ object }) => {
    const { id, code } = object;
    const known =
      (isText(id) && seen.has(`id ${id}`)) || (isText(code) && seen.has(`code ${code}`));
    if (isText(id)) seen.add(`id ${id}`);
    if (isText(code)) seen.add(`code ${code}`);
    return !known;
  });
}

/** The object at a path of keys; null when there is none. */
export function objectAt(data: JsonObject, at: Path): JsonObject | null {
  let value: unknown = data;
  for (const key of at) value = isJsonObject(value) ? value[key] : null;
  return isJsonObject(value) ? value : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
