import { isJsonObject, type JsonObject, getOwn, setOwn } from '../voucherify/json.ts';
import type { Path } from './path.ts';

/**
 * What becomes of one key of the sender's object.
 * - `leaf`: an equal value stands in the record;
 * - `list`: the same, and a null became an empty list, so that the null itself has no place;
 * - `of`: an object whose own keys have places;
 * - `each`: a list of such objects.
 */
export type FieldRule = 'leaf' | 'list' | { readonly of: FieldMap } | { readonly each: FieldMap };
export type FieldMap = ReadonlyMap<string, FieldRule>;

/** A table of places in which every key named is a leaf. The keys are given as words of one text. */
export function fields(keys: string): FieldMap {
  return new Map(keys.split(' ').map((key) => [key, 'leaf']));
}

/** A table made of several; a later one wins. */
export function mergeFields(
  ...tables: readonly Iterable<readonly [string, FieldRule]>[]
): FieldMap {
  const all = new Map<string, FieldRule>();
  for (const table of tables) for (const [key, place] of table) all.set(key, place);
  return all;
}

/**
 * The objects whose keys are looked at one by one for `rest`: those that the record was read from, with
 * what became of their keys, and those on the way to them. Any other object stays whole.
 */
export type ConsumedFields = Map<JsonObject, FieldMap>;

/**
 * Enters an object that the record is read from. The objects on the way to it have no places of their
 * own unless they are taken, too. Nothing in a list is entered: a list stays whole.
 * @param at where the object stands in `from`
 */
export function markConsumed(
  taken: ConsumedFields,
  from: JsonObject,
  at: Path,
  places: FieldMap,
): void {
  let object: unknown = from;
  for (const key of at) {
    if (!isJsonObject(object)) return;
    if (!taken.has(object)) taken.set(object, NO_PLACES);
    object = object[key];
  }
  if (isJsonObject(object)) taken.set(object, places);
}

const NO_PLACES: FieldMap = new Map();

/**
 * The part of an object that has no place in the record, in its own nesting. A list with any part
 * unplaced stays whole, and so does an empty object. Values are handed on, never copied.
 * @returns null when everything has its place
 */
export function pickUnmapped(source: JsonObject, taken: ConsumedFields): JsonObject | null {
  const places = taken.get(source);
  return places === undefined ? source : leftOverOf(source, places, taken);
}

function leftOverOf(
  source: JsonObject,
  places: FieldMap,
  taken: ConsumedFields,
): JsonObject | null {
  let left: { [key: string]: unknown } | null = null;
  let isEmpty = true;
  for (const key in source) {
    isEmpty = false;
    const place = places.get(key);
    if (place === 'leaf') continue;
    const value = source[key];
    const part = leftOfPlace(value, place, taken);
    if (part === PLACED) continue;
    left ??= {};
    setOwn(left, key, part);
  }
  return isEmpty ? source : left;
}

/** A sign that nothing is left; any JSON value may itself be what is left. */
const PLACED = undefined;

/** @param place undefined for a key that has none: what stands there may have been taken all the same */
function leftOfPlace(
  value: unknown,
  place: Exclude<FieldRule, 'leaf'> | undefined,
  taken: ConsumedFields,
): unknown {
  if (place === undefined)
    return isJsonObject(value) ? (pickUnmapped(value, taken) ?? PLACED) : value;
  if (place === 'list') return value === null ? value : PLACED;
  if (value === null) return PLACED;
  if ('of' in place) {
    return isJsonObject(value) ? (leftOverOf(value, place.of, taken) ?? PLACED) : value;
  }
  if (!Array.isArray(value)) return value;
  const items: readonly unknown[] = value;
  const whollyPlaced = items.every(
    (item) => isJsonObject(item) && leftOverOf(item, place.each, taken) === null,
  );
  return whollyPlaced ? PLACED : value;
}

/**
 * Puts the value at a path of the payload back into what is left of it. A list on the way comes
 * back whole.
 * @param rest objects that `leftOver` made; parts that it handed on are left as they are
 */
export function restoreAt(rest: { [key: string]: unknown }, payload: JsonObject, path: Path): void {
  const [key, ...further] = path;
  if (typeof key !== 'string') return;
  const value = getOwn(payload, key);
  const there = getOwn(rest, key);
  if (value === undefined || there === value) return;
  if (further.length === 0 || !isJsonObject(value)) {
    setOwn(rest, key, value);
    return;
  }
  const part = isJsonObject(there) ? { ...there } : {};
  restoreAt(part, value, further);
  setOwn(rest, key, part);
}
