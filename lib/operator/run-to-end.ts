import * as v from 'valibot';
import { splitEvery } from '../split-every.ts';
import { addReports, type QueueReport, QueueReportSchema } from './reports.ts';
import type { QueueName } from './request.ts';

/** The dependencies of `runToEnd`. */
export interface RunDeps {
  /** Calls the operator's function once, and never a second time by itself. */
  readonly invoke: (request: object) => Promise<unknown>;
  /** Called with the sum after each slice, to show progress. */
  readonly onProgress?: (total: QueueReport) => void;
  /** Ends the run after the slice under way. */
  readonly signal?: AbortSignal;
}

/** The sum of a run. */
export interface FinishedRun {
  readonly report: QueueReport;
  /** Whether it was ended by the signal. `report.continuation` is not null then. */
  readonly isStopped: boolean;
  /** How many of the messages that the run has hidden could not be given back: they come back by themselves. */
  readonly stillHidden: number;
}

/** A request with the command `replay`, `search-queue` or `erase-queue`, without `continuation`. */
export interface QueueCommand {
  readonly command: 'replay' | 'search-queue' | 'erase-queue';
  readonly from: QueueName;
  /** The other keys of the request (lib/operator/request.ts), which the function checks. */
  readonly [key: string]: unknown;
}

/** As many handles as one request takes. */
const HANDLES_IN_REQUEST = 5_000;
const UnhideReportSchema = v.object({ unhidden: v.number() });

/**
 * Runs a request about a queue to its end, slice by slice, and gives back what was hidden, also when it is
 * stopped or fails.
 * @throws (rejects) when a call fails. The messages that this very call had received are hidden for 30 minutes
 */
export async function runToEnd(
  { invoke, onProgress, signal }: RunDeps,
  request: QueueCommand,
): Promise<FinishedRun> {
  const handles: string[] = [];
  const runSlice = async (continuation: QueueReport['continuation']): Promise<QueueReport> => {
    const slice = v.parse(QueueReportSchema, await invoke({ ...request, continuation }));
    for (const handle of slice.held) handles.push(handle);
    return slice;
  };
  const isStopped = (): boolean => signal?.aborted === true;
  let stillHidden = 0;
  let report: QueueReport;
  try {
    report = { ...(await runSlice(null)), held: [] };
    onProgress?.(report);
    while (report.continuation !== null && !isStopped()) {
      report = addReports(report, await runSlice(report.continuation));
      onProgress?.(report);
    }
  } finally {
    stillHidden = await giveBack(invoke, request.from, handles);
  }
  return { report, isStopped: report.continuation !== null, stillHidden };
}

/** Returns how many messages could not be given back. Never rejects. */
export async function giveBack(
  invoke: RunDeps['invoke'],
  from: QueueName,
  handles: readonly string[],
): Promise<number> {
  let stillHidden = 0;
  for (const part of splitEvery(HANDLES_IN_REQUEST, handles)) {
    try {
      const result = await invoke({ command: 'unhide', from, handles: part });
      stillHidden += part.length - v.parse(UnhideReportSchema, result).unhidden;
    } catch {
      stillHidden += part.length;
    }
  }
  return stillHidden;
}
