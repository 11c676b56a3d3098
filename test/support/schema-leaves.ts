import * as v from 'valibot';
import { isJsonObject } from '../../lib/voucherify/json.ts';

/** One value that a schema of a Voucherify object allows: its path, and values that the schema accepts. */
export interface SchemaLeaf {
  /** The keys from the object; `0` for the item of a list. */
  readonly path: readonly string[];
  readonly values: readonly unknown[];
}

/** One of these is valid for every kind of field. They differ, so that no place can hold another's value. */
const CANDIDATES: readonly unknown[] = [
  'a text',
  '2026-07-15T08:09:10.111Z',
  false,
  true,
  0,
  41.5,
  ['first', 'second'],
  [0, 6],
  { own: { key: [1] } },
];

/** Lists every leaf of a schema in lib/voucherify. A field that is added to one is among them by itself. */
export function listSchemaLeaves(schema: unknown, path: readonly string[] = []): SchemaLeaf[] {
  const inner = unwrap(schema);
  if (inner.item !== null) return listSchemaLeaves(inner.item, [...path, '0']);
  if (inner.entries !== null) {
    return Object.entries(inner.entries).flatMap(([key, entry]) =>
      listSchemaLeaves(entry, [...path, key]),
    );
  }
  const values = CANDIDATES.filter((value) => v.is(schema as v.GenericSchema, value));
  if (values.length === 0) throw new Error(`No candidate is valid at ${path.join('.')}`);
  return [{ path, values }];
}

/** Lists the path of every leaf of the record's schema; `#` for the item of a list. */
export function listRecordLeaves(schema: unknown, path: readonly string[] = []): string[] {
  const inner = unwrap(schema);
  if (inner.options !== null) {
    return [...new Set(inner.options.flatMap((option) => listRecordLeaves(option, path)))];
  }
  if (inner.item !== null) return listRecordLeaves(inner.item, [...path, '#']);
  if (inner.entries !== null) {
    return Object.entries(inner.entries).flatMap(([key, entry]) =>
      listRecordLeaves(entry, [...path, key]),
    );
  }
  return [path.join('.')];
}

/** Creates the object that has one value, at a path; `0` makes a list of one item. */
export function objectWith(path: readonly string[], value: unknown): unknown {
  const [key, ...further] = path;
  if (key === undefined) return value;
  const inner = objectWith(further, value);
  return key === '0' ? [inner] : { [key]: inner };
}

interface SchemaParts {
  readonly entries: { readonly [key: string]: unknown } | null;
  readonly item: unknown;
  readonly options: readonly unknown[] | null;
}

/** Valibot's nullish, nullable and optional schemas wrap another one; a pipe ends in the one that counts. */
function unwrap(schema: unknown): SchemaParts {
  if (!isJsonObject(schema)) throw new Error('Expected a schema');
  const { wrapped, pipe, entries, item, options, type } = schema;
  if (wrapped !== undefined) return unwrap(wrapped);
  if (Array.isArray(pipe) && pipe.length > 1) return unwrap(pipe.at(-1));
  return {
    entries: isJsonObject(entries) ? entries : null,
    item: item ?? null,
    options: type === 'variant' && Array.isArray(options) ? options : null,
  };
}
