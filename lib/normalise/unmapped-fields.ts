import { isJsonSafe } from '../voucherify/json-safe.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { FieldIssue } from './lenient-parse.ts';
import { restoreAt, pickUnmapped, type ConsumedFields } from './field-map.ts';
import type { Issue } from '../record/record.ts';

const NOT_CARRIABLE = 'Expected no more than 100 levels of nesting, and no number beyond JSON';

/**
 * Every part of a body that has no place in the record, in the body's own nesting, and the text of
 * what was odd.
 * @param consumed what of the body the record was read from
 */
export function collectUnmapped(
  root: JsonObject,
  consumed: ConsumedFields,
  fieldIssues: readonly FieldIssue[],
): JsonObject {
  const left = pickUnmapped(root, consumed);
  if (fieldIssues.length === 0) return left ?? {};
  const rest = { ...left };
  for (const { path } of fieldIssues) restoreAt(rest, root, path);
  return rest;
}

/** What of the rest cannot be handed on as JSON, by the first two keys of its path. */
export function findNonJsonSafe(rest: JsonObject): readonly Issue[] {
  if (isJsonSafe(rest)) return [];
  return Object.entries(rest).flatMap(([key, value]) => {
    if (isJsonSafe(value)) return [];
    const inner = isJsonObject(value) ? Object.entries(value) : [];
    const paths = inner.filter(([, part]) => !isJsonSafe(part)).map(([part]) => `${key}.${part}`);
    return (paths.length === 0 ? [key] : paths).map((path) => ({ path, message: NOT_CARRIABLE }));
  });
}
