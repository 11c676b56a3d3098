import { isJsonObject } from './json.ts';

/** Deeper nesting than any merchant's metadata; JSON.stringify would fail some thousands of levels on. */
export const MAX_DEPTH = 100;

/**
 * Says whether a parsed JSON value can be handed on as JSON: nested no deeper than 100 levels, and
 * without numbers that are not finite (JSON may write 1e999, which would become null).
 */
export function isJsonSafe(value: unknown, maxDepth: number = MAX_DEPTH): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (maxDepth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isJsonSafe(item, maxDepth - 1));
  if (!isJsonObject(value)) return true;
  for (const key in value) {
    if (!isJsonSafe(value[key], maxDepth - 1)) return false;
  }
  return true;
}
