import { isJsonObject } from './json.ts';

/** More levels than any merchant's metadata has. JSON.stringify fails at some thousands of levels. */
export const MAX_DEPTH = 100;

/**
 * Says whether a parsed JSON value can be serialised without loss: at most `maxDepth` levels of
 * nesting, and only finite numbers (1e999 is valid JSON, but JSON.stringify would make it null).
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
