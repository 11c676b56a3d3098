import { isMet, type Row } from './row.ts';

/** The table as text: one line a row, the bar beside the figure. Valid Markdown, too. */
export function reportOf(rows: readonly Row[]): string {
  const cells = [
    ['what', 'measured', 'bar', 'met', 'control', 'that is'],
    ...rows.map((row) => [
      row.what,
      `${figure(row.measured)}${row.unit}`,
      barOf(row),
      metOf(row),
      row.control === null ? '' : figure(row.control),
      row.detail,
    ]),
  ];
  return markdownTable(cells);
}

/** A Markdown table, its columns of equal width; the first row is the headings. */
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

function figure(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}

function barOf({ bar, unit }: Row): string {
  if (bar === null) return '';
  return 'atMost' in bar ? `at most ${bar.atMost}${unit}` : `at least ${bar.atLeast}${unit}`;
}

function metOf(row: Row): string {
  const met = isMet(row);
  if (met === null) return '';
  return met ? 'yes' : 'no';
}
