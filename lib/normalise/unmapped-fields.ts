import type { Issue } from '../record/record.ts';
import { isJsonSafe } from '../voucherify/json-safe.ts';
import { getOwn, isJsonObject, type JsonObject, type Path, setOwn } from '../voucherify/json.ts';
import type { FieldIssue } from './lenient-parse.ts';
import { type ConsumedKeys, type KeyUse, NO_KEYS } from './field-map.ts';

/**
 * The objects of a body that the record was read from, each with the keys that it consumes, and the
 * objects around them. Every other object is unmapped as a whole.
 */
export type ConsumedObjects = Map<JsonObject, ConsumedKeys>;

/**
 * Marks an object that the record is read from. The objects on the path to it have no consumed keys
 * unless they are marked too. An object in a list is not marked: a list stays whole.
 * @param path of the object in `root`
 */
export function markConsumed(
  consumed: ConsumedObjects,
  root: JsonObject,
  path: Path,
  keys: ConsumedKeys,
): void {
  let object: unknown = root;
  for (const key of path) {
    if (!isJsonObject(object)) return;
    if (!consumed.has(object)) consumed.set(object, NO_KEYS);
    object = object[key];
  }
  if (isJsonObject(object)) consumed.set(object, keys);
}

/**
 * Collects every part of a body that the record does not hold elsewhere, in the body's own nesting:
 * the keys that nothing consumes, and the sent value of every field that was converted or ignored. So
 * nothing that Voucherify sent is lost. A list of which any part is unmapped stays whole, and so does
 * an empty object. Values are passed on, not copied.
 */
export function collectUnmapped(
  root: JsonObject,
  consumed: ConsumedObjects,
  fieldIssues: readonly FieldIssue[],
): JsonObject {
  const picked = pickUnmapped(root, consumed);
  if (fieldIssues.length === 0) return picked ?? {};
  const unmapped = { ...picked };
  const copies = new Set<object>();
  for (const { path } of fieldIssues) restoreAt(unmapped, root, path, copies);
  return unmapped;
}

const NOT_JSON_SAFE =
  'Expected at most 100 levels of nesting, and no number too large for JSON (such as 1e999)';

/** Finds the unmapped parts that cannot be serialised without loss: an issue for each, with up to two keys of its path. */
export function findNonJsonSafe(unmapped: JsonObject): readonly Issue[] {
  if (isJsonSafe(unmapped)) return [];
  return Object.entries(unmapped).flatMap(([key, value]) => {
    if (isJsonSafe(value)) return [];
    const inner = isJsonObject(value) ? Object.entries(value) : [];
    const paths = inner.filter(([, part]) => !isJsonSafe(part)).map(([part]) => `${key}.${part}`);
    return (paths.length === 0 ? [key] : paths).map((path) => ({ path, message: NOT_JSON_SAFE }));
  });
}

/** The unmapped part of an object; null when all of it is mapped. */
function pickUnmapped(source: JsonObject, consumed: ConsumedObjects): JsonObject | null {
  const keys = consumed.get(source);
  return keys === undefined ? source : omitConsumed(source, keys, consumed);
}

function omitConsumed(
  source: JsonObject,
  keys: ConsumedKeys,
  consumed: ConsumedObjects,
): JsonObject | null {
  let unmapped: { [key: string]: unknown } | null = null;
  let isEmpty = true;
  for (const key in source) {
    isEmpty = false;
    const use = keys.get(key);
    if (use === 'value') continue;
    const part = pickUnmappedPart(source[key], use, consumed);
    if (part === MAPPED) continue;
    unmapped ??= {};
    setOwn(unmapped, key, part);
  }
  return isEmpty ? source : unmapped;
}

/** No part is unmapped. Undefined, because any JSON value can be unmapped, null too. */
const MAPPED = undefined;

/** @param use undefined for a key that is not consumed. An object inside its value can be consumed. */
function pickUnmappedPart(
  value: unknown,
  use: Exclude<KeyUse, 'value'> | undefined,
  consumed: ConsumedObjects,
): unknown {
  if (use === undefined)
    return isJsonObject(value) ? (pickUnmapped(value, consumed) ?? MAPPED) : value;
  if (use === 'list') return value === null ? value : MAPPED;
  if (value === null) return MAPPED;
  if ('keys' in use) {
    return isJsonObject(value) ? (omitConsumed(value, use.keys, consumed) ?? MAPPED) : value;
  }
  if (!Array.isArray(value)) return value;
  const items: readonly unknown[] = value;
  const isMapped = items.every(
    (item) => isJsonObject(item) && omitConsumed(item, use.itemKeys, consumed) === null,
  );
  return isMapped ? MAPPED : value;
}

/**
 * Puts the sent value at a path back into the unmapped part. A list on the path comes back whole.
 * @param unmapped an object that was made here; the sent objects inside it are not changed
 * @param copies the objects inside it that were made here, so that none is copied for each issue
 */
function restoreAt(
  unmapped: { [key: string]: unknown },
  source: JsonObject,
  path: Path,
  copies: Set<object>,
): void {
  const [key, ...remaining] = path;
  if (typeof key !== 'string') return;
  const value = getOwn(source, key);
  const present = getOwn(unmapped, key);
  if (value === undefined || present === value) return;
  if (remaining.length === 0 || !isJsonObject(value)) {
    setOwn(unmapped, key, value);
    return;
  }
  const base: { [key: string]: unknown } = isJsonObject(present) ? present : {};
  const part = copies.has(base) ? base : { ...base };
  copies.add(part);
  restoreAt(part, value, remaining, copies);
  setOwn(unmapped, key, part);
}
