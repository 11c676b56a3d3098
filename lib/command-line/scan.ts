import type { QueueReport } from '../operator/reports.ts';
import { type FinishedRun, runToEnd } from '../operator/run-to-end.ts';
import { STOP_REASON_MEANINGS, type StopReason } from '../operator/scan-report.ts';
import type { CommandContext } from './context.ts';

/** The queues that are scanned, and what a person calls them. */
export const SCANNED_QUEUES = ['dead-letters', 'quarantine'] as const;
export type ScannedQueue = (typeof SCANNED_QUEUES)[number];

/** A request of the operator about a queue. The function checks what else is in it. */
export interface ScanRequest {
  readonly command: 'replay' | 'search-queue' | 'erase-queue';
  readonly from: ScannedQueue;
  readonly [key: string]: unknown;
}

/**
 * Scans a queue to its end, with progress; Ctrl-C ends it after the call under way, with everything given back.
 * @throws CommandError when a call fails
 */
export async function scan(
  { call, terminal, stopSignal }: CommandContext,
  request: ScanRequest,
): Promise<FinishedRun> {
  terminal.progress(`Looking through ${request.from} ... (Ctrl-C stops)`);
  try {
    return await runToEnd(
      {
        invoke: call,
        signal: stopSignal,
        onProgress: (report) => terminal.progress(`${describeProgress(report)} (Ctrl-C stops)`),
      },
      request,
    );
  } finally {
    terminal.progress(null);
  }
}

function describeProgress(report: QueueReport): string {
  return `${report.from}: ${report.scanned.toLocaleString('en')} messages looked at, ${countFound(report).toLocaleString('en')} of them match`;
}

/** How many messages of a run were what it looked for. */
export function countFound(report: QueueReport): number {
  if (report.command !== 'replay') return report.matched;
  if (report.from === 'quarantine') return report.valid;
  return report.replayed + report.wouldReplay;
}

/** Says why a run did not see everything, and what is hidden. Empty lines are left out. */
export function explainEnd({ report, isStopped, stillHidden }: FinishedRun): readonly string[] {
  const reason: StopReason = report.stopReason;
  const causes = report.failures.map(({ cause, count }) => `${cause} (${count})`).join(', ');
  return [
    isStopped ? 'Stopped. Nothing is lost: run the same command again for the rest.' : '',
    !isStopped && reason !== 'empty' ? `It ended early: ${STOP_REASON_MEANINGS[reason]}.` : '',
    report.failed > 0 || causes !== ''
      ? `${report.failed} messages could not be moved or deleted: ${causes}.`
      : '',
    report.later > 0
      ? `${report.later} messages came after the run began, and were left for the next one.`
      : '',
    report.hiddenByOthers > 0
      ? `About ${report.hiddenByOthers} messages were hidden and were not looked at: another command has them, or had them a moment ago. Run it again in a minute.`
      : '',
    stillHidden > 0
      ? `${stillHidden} messages could not be given back: SQS shows them again within 30 minutes.`
      : '',
  ].filter((line) => line !== '');
}

/** Whether a run did everything that it was asked for. */
export function isComplete({ report, isStopped }: FinishedRun): boolean {
  const { stopReason, failed } = report;
  return !isStopped && failed === 0 && (stopReason === 'empty' || stopReason === 'limit');
}
