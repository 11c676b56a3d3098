import { isCarriable } from '../voucherify/json-safe.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { Oddity } from './lenient-parse.ts';
import { keep, leftOver, type Taken } from './field-map.ts';
import type { Issue } from '../record/record.ts';

const NOT_CARRIABLE = 'Expected no more than 100 levels of nesting, and no number beyond JSON';

/**
 * Every part of a body that has no place in the record, in the body's own nesting, and the text of
 * what was odd.
 * @param taken what of the body the record was read from
 */
export function restOf(root: JsonObject, taken: Taken, oddities: readonly Oddity[]): JsonObject {
  const left = leftOver(root, taken);
  if (oddities.length === 0) return left ?? {};
  const rest = { ...left };
  for (const { path } of oddities) keep(rest, root, path);
  return rest;
}

/** What of the rest cannot be handed on as JSON, by the first two keys of its path. */
export function uncarriable(rest: JsonObject): readonly Issue[] {
  if (isCarriable(rest)) return [];
  return Object.entries(rest).flatMap(([key, value]) => {
    if (isCarriable(value)) return [];
    const inner = isJsonObject(value) ? Object.entries(value) : [];
    const paths = inner.filter(([, part]) => !isCarriable(part)).map(([part]) => `${key}.${part}`);
    return (paths.length === 0 ? [key] : paths).map((path) => ({ path, message: NOT_CARRIABLE }));
  });
}
