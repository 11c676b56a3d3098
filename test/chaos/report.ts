import { table } from '../../lib/local/cli/table.ts';
import type { ChaosOutcome } from './run.ts';
import type { Finding } from './check-guarantees.ts';

/** A run for a person to read. */
export interface ChaosReport {
  /** Tables, and `lost: n` as the last line. */
  readonly text: string;
  /** Every delivery that arrived twice or was given up, each with its cause. */
  readonly details: string;
  /** Nothing was lost, everything came to rest, and there is a cause for everything. */
  readonly good: boolean;
}

const NO_CAUSE = 'UNEXPLAINED';

/** Sets out what came of a run. */
export function chaosReport(outcome: ChaosOutcome): ChaosReport {
  const { verdict, unrest } = outcome;
  const { rows, twice, dead, lost } = verdict;
  const unexplained = [...twice, ...dead].filter(({ because }) => because === null);
  const deliveries = rows.reduce((sum, { wanted }) => sum + wanted, 0);
  const disturbed = rows.reduce((sum, row) => sum + row.disturbed, 0);
  const heads = ['destination', 'wanted', 'disturbed', 'delivered', 'twice', 'dead', 'lost'];
  const text = [
    heading('what the run did', [...outcome.done]),
    '',
    table([
      heads,
      ...rows.map((row) =>
        [row.name, row.wanted, row.disturbed, row.delivered, row.twice, row.dead, row.lost].map(
          String,
        ),
      ),
    ]),
    '',
    heading('why a delivery came twice', byCause(twice)),
    '',
    heading('why a delivery was given up', byCause(dead)),
    '',
    `webhooks acknowledged with 2xx: ${outcome.acknowledged}; given up by the sender: ${outcome.givenUp}; ` +
      `posted again and acknowledged: ${outcome.postedAgain}`,
    `records: ${outcome.acknowledged - outcome.quarantined}; in quarantine: ${outcome.quarantined}`,
    `deliveries: ${deliveries}, of them disturbed: ${disturbed} (${percent(disturbed, deliveries)})`,
    ...unrest.map((what) => `did not come to rest: ${what}`),
    ...unexplained.map((finding) => `UNEXPLAINED: ${lineOf(finding)}`),
    ...lost.map(({ recordId, destination }) => `LOST: ${recordId} at ${destination}`),
    `unexplained: ${unexplained.length}`,
    `lost: ${lost.length}`,
  ].join('\n');
  const details = [
    ...twice.map((finding) => `twice: ${lineOf(finding)}`),
    ...dead.map((finding) => `dead: ${lineOf(finding)}`),
  ].join('\n');
  return { text, details, good: lost.length + unexplained.length + unrest.length === 0 };
}

function heading(title: string, counts: readonly (readonly [string, number])[]): string {
  const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b));
  return table([[title, 'times'], ...sorted.map(([what, times]) => [what, String(times)])]);
}

function byCause(findings: readonly Finding[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { because, destination } of findings) {
    const cause = `${destination}: ${because ?? NO_CAUSE}`;
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  return [...counts];
}

function lineOf({ recordId, destination, because, fates }: Finding): string {
  return `${recordId} at ${destination}: ${because ?? NO_CAUSE} (${fates.join(', ')})`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((100 * part) / whole).toFixed(1)} %`;
}
