import type * as v from 'valibot';
import type { QueueReport } from '../../../operator/reports.ts';
import { runToEnd } from '../../../operator/run-to-end.ts';
import type { ReplaySchema } from '../commands.ts';
import { callOperator, type OperatorDeps } from './operator.ts';

/** The dependencies of `replay`. */
export interface ReplayDeps extends OperatorDeps {
  /** Finds the id of a destination by its name. */
  readonly getDestinationId: (name: string) => string;
}

/**
 * Replays with the function operator, to the end of the queue: all of it, or what one webhook left there, for
 * one destination.
 * @returns the report in one line
 */
export async function replay(
  deps: ReplayDeps,
  { from, dryRun, id, destination }: v.InferOutput<typeof ReplaySchema>,
): Promise<string> {
  const { report } = await runToEnd(
    { invoke: (request) => callOperator(deps, request) },
    {
      command: 'replay',
      from,
      dryRun,
      ...(id !== null && { ids: [id] }),
      ...(destination !== null && { destination: deps.getDestinationId(destination) }),
    },
  );
  return id === null ? formatReport(report) : formatReportOfOne(report, id);
}

function formatReport(report: QueueReport): string {
  if (report.command !== 'replay') return `${report.scanned} searched in ${report.from}`;
  const replayed = countReplayed(report);
  const remaining = report.scanned + report.failed - replayed;
  return [
    `${replayed} replayed from ${report.from}`,
    remaining === 0 ? '' : `, ${remaining} not replayed`,
    describeEnd(report),
  ].join('');
}

function formatReportOfOne(report: QueueReport, id: string): string {
  if (report.command !== 'replay') return formatReport(report);
  if (countReplayed(report) > 0) return `${id} is replayed from ${report.from}`;
  if (report.from === 'quarantine' && report.invalid > 0) {
    const [{ path, message } = { path: '', message: '' }] = report.issues;
    return `${id} is not replayed. It is still not valid: ${path === '' ? message : `${path}: ${message}`}`;
  }
  return `${id} is not on [${report.from}] any more${describeEnd(report)}`;
}

function countReplayed(report: Extract<QueueReport, { command: 'replay' }>): number {
  return report.from === 'quarantine' ? report.valid : report.replayed;
}

function describeEnd({ stopReason, failures }: QueueReport): string {
  if (stopReason !== 'error') return '';
  return `; the run ended with ${failures.map(({ cause }) => cause).join(', ')}`;
}
