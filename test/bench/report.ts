import { meetsTarget, type BenchRow } from './row.ts';

/** The rows as a Markdown table that is readable as plain text too. */
export function formatReport(rows: readonly BenchRow[]): string {
  const cells = [
    ['what', 'measured', 'target', 'met', 'control', 'detail'],
    ...rows.map((row) => [
      row.label,
      `${formatFigure(row.measured)}${row.unit}`,
      formatTarget(row),
      formatMet(row),
      row.control === null ? '' : formatFigure(row.control),
      row.detail,
    ]),
  ];
  return markdownTable(cells);
}

/** A Markdown table with padded columns. The first row is the headings. */
export function markdownTable(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [headings = [], ...others] = cells;
  return [line(headings), rule, ...others.map(line)].join('\n');
}

function formatFigure(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}

function formatTarget({ target, unit }: BenchRow): string {
  if (target === null) return '';
  return 'atMost' in target
    ? `at most ${target.atMost}${unit}`
    : `at least ${target.atLeast}${unit}`;
}

function formatMet(row: BenchRow): string {
  const isMet = meetsTarget(row);
  if (isMet === null) return '';
  return isMet ? 'yes' : 'no';
}
