import * as v from 'valibot';
import { isJsonObject, setOwn } from '../voucherify/json.ts';

/**
 * Parses a value from a queue, where it may have waited since an older release, or come from a newer
 * one that was rolled back. Keys that the schema does not know are kept, at every depth: a consumer may
 * know them.
 */
export function parseStored<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.SafeParseResult<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) copyUnknownKeys(value, result.output);
  return result;
}

/**
 * Copies what only `from` has. Not `v.looseObject`, which leaves out keys such as `constructor`. A part
 * that the schema passes on as it is is the same object on both sides, and complete.
 */
function copyUnknownKeys(from: unknown, to: unknown): void {
  if (from === to) return;
  if (Array.isArray(from) && Array.isArray(to)) {
    for (const [index, item] of from.entries()) copyUnknownKeys(item, to[index]);
  } else if (isJsonObject(from) && isJsonObject(to)) {
    for (const key of Object.keys(from)) {
      if (Object.hasOwn(to, key)) copyUnknownKeys(from[key], to[key]);
      else setOwn(to, key, from[key]);
    }
  }
}
