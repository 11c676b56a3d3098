import { isDeepStrictEqual } from 'node:util';
import type { RelayRecord } from '../../lib/record/record.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import { OBJECT_PLACES, TRANSLATIONS } from './documented-fields.ts';

/** A value that holds no other: a text, a number, a flag, a null, an empty object or list. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Every leaf of a JSON value with its path. */
export function leavesOf(value: unknown, path: readonly string[] = []): Leaf[] {
  const parts = partsOf(value);
  if (parts === null || parts.length === 0) return [{ path, value }];
  return parts.flatMap(([key, part]) => leavesOf(part, [...path, key]));
}

/**
 * The leaves of a body that are not in the record: neither at their own path in `rest`, nor with an
 * equal value in the one place that the documentation gives to them. It knows the documentation's
 * table and nothing of the code that maps.
 * @param payload the body, parsed
 * @returns dotted paths; none when the record is whole
 */
export function lostLeaves(payload: unknown, record: RelayRecord): string[] {
  return leavesOf(payload)
    .filter(
      ({ path, value }) =>
        !same(valueAt(record.data.rest, path), value) && !isInPlace(path, value, payload, record),
    )
    .map(({ path }) => path.join('.'));
}

function isInPlace(
  path: readonly string[],
  value: unknown,
  payload: unknown,
  record: RelayRecord,
): boolean {
  if (placesInEnvelope(path, record).some((place) => same(place, value))) return true;
  return placesOf(dataPath(path, payload)).some((place) => {
    const there = valueAt(record.data, place);
    return same(there, value) || (isTranslated(place) && same(there, translated(value)));
  });
}

/** What CloudEvents' own attributes and the label tell of the envelope. */
function placesInEnvelope(path: readonly string[], record: RelayRecord): readonly unknown[] {
  const [, , project, source] = record.source.split('/').map(decodeURIComponent);
  const event = record.type.replace('voucherify.', '');
  switch (path.join('.')) {
    case 'id':
    case 'webhook_id':
      return [record.id];
    case 'project_id':
      return [project];
    case 'source.id':
      return [source ?? project];
    case 'event.type':
      return [event];
    case 'type':
      return [record.data.distributionLabel ?? event];
    case 'created_at':
    case 'event.created_at':
      return [record.time];
    default:
      return [];
  }
}

/** The path within the data object, whatever the form of the body. */
function dataPath(path: readonly string[], payload: unknown): readonly string[] {
  if (path[0] === 'data') return path.slice(1);
  const isPublication = isJsonObject(payload) && payload['object'] === 'publication';
  return isPublication ? ['publication', ...path] : path;
}

function placesOf(path: readonly string[]): readonly (readonly string[])[] {
  return OBJECT_PLACES.flatMap(([from, to, fields]) => {
    const steps = from.split('.');
    if (!steps.every((step, index) => path[index] === step)) return [];
    const field = path.slice(steps.length);
    if (field[0] === 'metadata') return [[to, ...field]];
    const place = fields.get(field.map((key) => (isIndex(key) ? '#' : key)).join('.'));
    if (place === undefined) return [];
    const indexes = field.filter(isIndex).values();
    const keys = place.split('.').map((key) => (key === '#' ? (indexes.next().value ?? key) : key));
    return [[to, ...keys]];
  });
}

function isIndex(key: string): boolean {
  return /^\d+$/.test(key);
}

function isTranslated(place: readonly string[]): boolean {
  return place.at(-1) === 'kind' || place.at(-1) === 'form';
}

function translated(word: unknown): unknown {
  return typeof word === 'string' ? (TRANSLATIONS.get(word) ?? word) : word;
}

/** The value at a path. Below a null there is nothing but null. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  let there = value;
  for (const key of path) {
    if (there === null) return null;
    there = partsOf(there)?.find(([name]) => name === key)?.[1];
  }
  return there;
}

function partsOf(value: unknown): [string, unknown][] | null {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, index) => [String(index), item]);
  }
  return isJsonObject(value) ? Object.entries(value) : null;
}

function same(there: unknown, value: unknown): boolean {
  return there === value || isDeepStrictEqual(there, value);
}
