import { formatTable } from '../../lib/local/cli/table.ts';
import type { ChaosResult } from './run.ts';
import type { Anomaly } from './check-guarantees.ts';

/** The report of a run, as text. */
export interface ChaosReport {
  /** Tables, and `lost: n` as the last line. */
  readonly text: string;
  /** Every duplicate and dead letter, each with its cause. */
  readonly anomalies: string;
  /** Nothing was lost, the pipeline is idle, and every duplicate and dead letter is explained. */
  readonly hasPassed: boolean;
}

const UNEXPLAINED = 'UNEXPLAINED';

/** Formats the result of a run. */
export function formatChaosReport(outcome: ChaosResult): ChaosReport {
  const { guarantees, unfinished } = outcome;
  const { rows, duplicates, deadLetters, lost, wrongRows } = guarantees;
  const unexplained = [...duplicates, ...deadLetters].filter(({ reason }) => reason === null);
  const deliveries = rows.reduce((sum, { accepted }) => sum + accepted, 0);
  const faulty = rows.reduce((sum, row) => sum + row.faulty, 0);
  const headings = [
    'destination',
    'accepted',
    'faulty',
    'delivered',
    'duplicated',
    'dead-lettered',
    'lost',
  ];
  const text = [
    formatCounts('injected faults', [...outcome.injectedFaults]),
    '',
    formatTable([
      headings,
      ...rows.map((row) =>
        [
          row.name,
          row.accepted,
          row.faulty,
          row.delivered,
          row.duplicated,
          row.deadLettered,
          row.lost,
        ].map(String),
      ),
    ]),
    '',
    formatCounts('why a delivery was duplicated', countByReason(duplicates)),
    '',
    formatCounts('why a delivery was dead-lettered', countByReason(deadLetters)),
    '',
    `webhooks acknowledged with 2xx: ${outcome.acknowledged}; given up by the sender: ${outcome.givenUpCount}; ` +
      `posted again and acknowledged: ${outcome.repostedCount}`,
    `records: ${outcome.acknowledged - outcome.quarantined}; in quarantine: ${outcome.quarantined}`,
    `deliveries: ${deliveries}, of them with faults: ${faulty} (${formatPercent(faulty, deliveries)})`,
    ...unfinished.map((task) => `not idle at the end: ${task}`),
    ...unexplained.map((finding) => `UNEXPLAINED: ${formatAnomaly(finding)}`),
    ...lost.map(({ recordId, destination }) => `LOST: ${recordId} at ${destination}`),
    ...wrongRows.map(
      ({ recordId, destination, state, expected }) =>
        `WRONG ROW: ${recordId} at ${destination}: ${state ?? 'none'}, and not ${expected.join(' or ')}`,
    ),
    `rows that are not true: ${wrongRows.length}`,
    `unexplained: ${unexplained.length}`,
    `lost: ${lost.length}`,
  ].join('\n');
  const anomalies = [
    ...duplicates.map((finding) => `duplicate: ${formatAnomaly(finding)}`),
    ...deadLetters.map((finding) => `dead letter: ${formatAnomaly(finding)}`),
  ].join('\n');
  const problems = [lost, unexplained, unfinished, wrongRows];
  return { text, anomalies, hasPassed: problems.every(({ length }) => length === 0) };
}

function formatCounts(title: string, counts: readonly (readonly [string, number])[]): string {
  const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b));
  return formatTable([[title, 'times'], ...sorted.map(([label, times]) => [label, String(times)])]);
}

function countByReason(findings: readonly Anomaly[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { reason, destination } of findings) {
    const key = `${destination}: ${reason ?? UNEXPLAINED}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts];
}

function formatAnomaly({ recordId, destination, reason, fates, deadLetter }: Anomaly): string {
  const details = [...(deadLetter === undefined ? [] : [deadLetter]), ...fates].join(', ');
  return `${recordId} at ${destination}: ${reason ?? UNEXPLAINED} (${details})`;
}

function formatPercent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((100 * part) / whole).toFixed(1)} %`;
}
