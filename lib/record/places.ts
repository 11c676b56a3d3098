import { isJsonObject, type JsonObject, ownValue, setOwn } from '../voucherify/json.ts';
import type { Path } from './path.ts';

/**
 * What becomes of one key of the sender's object.
 * - `leaf`: an equal value stands in the record;
 * - `list`: the same, and a null became an empty list, so that the null itself has no place;
 * - `of`: an object whose own keys have places;
 * - `each`: a list of such objects.
 */
export type Place = 'leaf' | 'list' | { readonly of: Places } | { readonly each: Places };
export type Places = ReadonlyMap<string, Place>;

/** A table of places in which every key named is a leaf. The keys are given as words of one text. */
export function leaves(keys: string): Places {
  return new Map(keys.split(' ').map((key) => [key, 'leaf']));
}

/** A table made of several; a later one wins. */
export function together(...tables: readonly Iterable<readonly [string, Place]>[]): Places {
  const all = new Map<string, Place>();
  for (const table of tables) for (const [key, place] of table) all.set(key, place);
  return all;
}

/**
 * The part of an object that has no place in the record, in its own nesting. A list with any part
 * unplaced stays whole, and so does an empty object. Values are handed on, never copied.
 * @returns null when everything has its place
 */
export function leftOver(source: JsonObject, places: Places): JsonObject | null {
  let left: { [key: string]: unknown } | null = null;
  let isEmpty = true;
  for (const key in source) {
    isEmpty = false;
    const place = places.get(key);
    if (place === 'leaf') continue;
    const value = source[key];
    const part = place === undefined ? value : leftOfPlace(value, place);
    if (part === PLACED) continue;
    left ??= {};
    setOwn(left, key, part);
  }
  return isEmpty ? source : left;
}

/** A sign that nothing is left; any JSON value may itself be what is left. */
const PLACED = undefined;

function leftOfPlace(value: unknown, place: Exclude<Place, 'leaf'>): unknown {
  if (place === 'list') return value === null ? value : PLACED;
  if (value === null) return PLACED;
  if ('of' in place) return isJsonObject(value) ? (leftOver(value, place.of) ?? PLACED) : value;
  if (!Array.isArray(value)) return value;
  const items: readonly unknown[] = value;
  const whollyPlaced = items.every(
    (item) => isJsonObject(item) && leftOver(item, place.each) === null,
  );
  return whollyPlaced ? PLACED : value;
}

/**
 * Puts the value at a path of the payload back into what is left of it. A list on the way comes
 * back whole.
 * @param rest objects that `leftOver` made; parts that it handed on are left as they are
 */
export function keep(rest: { [key: string]: unknown }, payload: JsonObject, path: Path): void {
  const [key, ...further] = path;
  if (typeof key !== 'string') return;
  const value = ownValue(payload, key);
  const there = ownValue(rest, key);
  if (value === undefined || there === value) return;
  if (further.length === 0 || !isJsonObject(value)) {
    setOwn(rest, key, value);
    return;
  }
  const part = isJsonObject(there) ? { ...there } : {};
  keep(part, value, further);
  setOwn(rest, key, part);
}

/**
 * Enters a table of places at a path of an object's own table. Items of a list are never entered:
 * a list stays whole.
 */
export function enter(into: Map<string, Place>, [key, ...further]: Path, places: Places): void {
  if (typeof key !== 'string' || further.some((step) => typeof step === 'number')) return;
  const there = into.get(key);
  const known = typeof there === 'object' && 'of' in there ? there.of : null;
  if (known === null && further.length === 0) {
    into.set(key, { of: places });
    return;
  }
  const inner = new Map(known);
  if (further.length > 0) enter(inner, further, places);
  else for (const [name, place] of places) inner.set(name, place);
  into.set(key, { of: inner });
}

/** The table of an object inside; empty when it has none. */
export function innerPlaces(places: Places, key: string): Places {
  const place = places.get(key);
  return typeof place === 'object' && 'of' in place ? place.of : NO_PLACES;
}

const NO_PLACES: Places = new Map();
