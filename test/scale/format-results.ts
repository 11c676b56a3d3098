import { markdownTable } from '../bench/report.ts';
import { type Figure, isMet, type ScenarioResult } from './scenario.ts';
import { SCENARIOS, TOTAL_COST } from './scenarios.ts';
import { toMonthlyCosts } from './usage.ts';

/** The metrics of fanOut with the dimension of a destination (lib/telemetry/metrics.ts). */
const METRICS = 10;

/** The results as Markdown tables that can be read as plain text too. */
export function formatResults(results: readonly ScenarioResult[]): string {
  return [toTable(results), '', toMonthlyTable()].join('\n');
}

/** The results for docs/performance.md: what has a bar, and what a million deliveries cost. */
export function formatForDocument(results: readonly ScenarioResult[]): string {
  const shown = results.map((result) => ({
    ...result,
    figures: result.figures.filter(({ bar, what }) => bar !== null || what === TOTAL_COST),
  }));
  return formatResults(shown);
}

function toTable(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(({ name, figures }) => {
    const title = SCENARIOS.find((each) => each.name === name)?.title ?? name;
    return figures.map((figure, index) => [
      index === 0 ? title : '',
      figure.what,
      formatNumber(figure.value),
      formatBar(figure),
      formatMet(figure),
    ]);
  });
  return markdownTable([['scenario', 'figure', 'result', 'bar', 'met'], ...rows]);
}

function toMonthlyTable(): string {
  const costs = toMonthlyCosts(METRICS);
  return markdownTable([
    ['a destination costs each month, whatever it delivers', 'USD'],
    ...costs.map(({ what, dollars }) => [what, dollars.toFixed(2)]),
  ]);
}

/** A figure and what it has to be, in one line. */
export function toOneLine(figure: Figure): string {
  return `${figure.what}: ${formatNumber(figure.value)}, bar: ${formatBar(figure)}`;
}

function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 3);
}

function formatBar({ bar }: Figure): string {
  if (bar === null) return '';
  return 'atMost' in bar ? `at most ${bar.atMost}` : String(bar.exactly);
}

function formatMet(figure: Figure): string {
  const met = isMet(figure);
  if (met === null) return '';
  return met ? 'yes' : 'NO';
}
