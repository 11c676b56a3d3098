import type { Document, Line } from '../protocol.ts';

/** Something to be said about a place in a body; `path` is empty for the body as a whole. */
export interface Remark {
  readonly path: string;
  readonly message: string;
  readonly tone: 'issue' | 'warning';
}

/**
 * Puts remarks at the lines that they concern. A place that is missing in the body is remarked on at
 * the nearest line around it, with its name.
 */
export function withRemarks(document: Document, remarks: readonly Remark[]): Document {
  const byLine = new Map<number, Line['remarks']>();
  for (const { path, message, tone } of remarks) {
    const { index, exact } = lineOf(document.lines, path);
    const text = exact || path === '' ? message : `${path}: ${message}`;
    byLine.set(index, [...(byLine.get(index) ?? []), { tone, message: text }]);
  }
  const lines = document.lines.map((line, index) => ({
    ...line,
    remarks: byLine.get(index) ?? line.remarks,
  }));
  return { ...document, lines };
}

function lineOf(lines: readonly Line[], path: string): { index: number; exact: boolean } {
  const keys = path === '' ? [] : path.split('.');
  for (let length = keys.length; length > 0; length -= 1) {
    const wanted = keys.slice(0, length).join('.');
    const index = lines.findIndex((line) => line.path === wanted);
    if (index >= 0) return { index, exact: length === keys.length };
  }
  return { index: 0, exact: false };
}

/** Marks the lines whose values are in `rest`, which has the body's own nesting. */
export function withRest(document: Document, rest: unknown): Document {
  const paths = new Set(leavesOf(rest, []));
  const lines = document.lines.map((line) =>
    line.path !== null && paths.has(line.path) ? { ...line, rest: true } : line,
  );
  return { ...document, lines };
}

function leavesOf(value: unknown, path: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return [path.join('.')];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
