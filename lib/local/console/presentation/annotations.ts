import type { TextDocument, DocumentLine } from '../protocol.ts';
import { MAX_PATH_KEYS, shortenKey } from './json-tokens.ts';

/** A message about a value in a body. `path` is empty for the body as a whole. */
export interface Annotation {
  readonly path: string;
  readonly message: string;
  readonly kind: 'issue' | 'warning';
}

/**
 * Adds each annotation to the line of its path. When the body has no such path, the annotation goes to
 * the nearest enclosing value, with the path in its message.
 */
export function annotate(document: TextDocument, annotations: readonly Annotation[]): TextDocument {
  const linesByPath = new Map<string, number>();
  for (const [index, { path }] of document.lines.entries()) {
    if (path !== null && !linesByPath.has(path)) linesByPath.set(path, index);
  }
  const byLine = new Map<number, DocumentLine['annotations']>();
  for (const { path, message, kind } of annotations) {
    const { index, isExact } = findLine(linesByPath, path);
    const text = isExact || path === '' ? message : `${path}: ${message}`;
    byLine.set(index, [...(byLine.get(index) ?? []), { kind, message: text }]);
  }
  const lines = document.lines.map((line, index): DocumentLine => ({
    ...line,
    annotations: byLine.get(index) ?? line.annotations,
  }));
  return { ...document, lines };
}

function findLine(
  linesByPath: ReadonlyMap<string, number>,
  path: string,
): { index: number; isExact: boolean } {
  const keys = path === '' ? [] : path.split('.');
  for (let length = Math.min(keys.length, MAX_PATH_KEYS); length > 0; length -= 1) {
    const index = linesByPath.get(keys.slice(0, length).join('.'));
    if (index !== undefined) return { index, isExact: length === keys.length };
  }
  return { index: 0, isExact: false };
}

/** Marks the lines whose values are in `unmapped`, which has the same nesting as the body. */
export function markUnmapped(document: TextDocument, unmapped: unknown): TextDocument {
  const paths = new Set(collectLeafPaths(unmapped, []));
  const lines = document.lines.map((line) =>
    line.path !== null && paths.has(line.path) ? { ...line, isUnmapped: true } : line,
  );
  return { ...document, lines };
}

function collectLeafPaths(value: unknown, path: readonly string[]): string[] {
  // no line of a document has a longer path
  if (path.length >= MAX_PATH_KEYS) return [];
  if (typeof value !== 'object' || value === null) return [path.join('.')];
  return Object.entries(value).flatMap(([key, inner]) =>
    collectLeafPaths(inner, [...path, shortenKey(key)]),
  );
}
