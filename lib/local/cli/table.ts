import { escapeLine } from './escape-controls.ts';

/**
 * Formats rows as a table with aligned columns. The first row is the header; cells are plain text, whose
 * control characters are escaped.
 */
export function formatTable(unescapedRows: readonly (readonly string[])[]): string {
  const rows = unescapedRows.map((row) => row.map(escapeLine));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const formatRow = (cells: readonly string[]): string =>
    widths
      .map((width, column) => (cells[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd();
  const [headings = [], ...others] = rows;
  const rule = widths.map((width) => '-'.repeat(width));
  return [headings, rule, ...others].map((cells) => formatRow(cells)).join('\n');
}
