import { type QueueScan, replayDeadLetters, type ReplayDeps, replayQuarantine } from './replay.ts';
import {
  type EraseReport,
  MAX_MATCHES,
  type QueueMatch,
  type QueueReport,
  type SearchReport,
  type UnhideReport,
} from './reports.ts';
import {
  type EraseRequest,
  type QueueName,
  type QueueRequest,
  type SearchRequest,
} from './request.ts';
import { scanSlice } from './scan-queue.ts';
import { createMessageSearch } from './search-queue.ts';
import type { OperatorQueue } from './sqs-queue.ts';

/** The dependencies of `runQueueCommand`. */
export interface QueueCommandDeps extends ReplayDeps {
  /** The queues that an operator scans. */
  readonly queues: { readonly [Name in QueueName]: OperatorQueue };
}

/** What a slice reports, or what is visible again. */
export type QueueCommandReport = QueueReport | UnhideReport;

/**
 * Runs a request about a queue: one slice of it. Nothing is kept between two calls, so it is safe to repeat
 * and to stop. @param remainingMs milliseconds until the invocation ends
 */
export async function runQueueCommand(
  deps: QueueCommandDeps,
  request: QueueRequest,
  remainingMs: () => number,
): Promise<QueueCommandReport> {
  const queue = deps.queues[request.from];
  if (request.command === 'unhide') {
    const { command, from, handles } = request;
    return { command, from, unhidden: await queue.unhide(handles) };
  }
  const report = await runSlice(deps, { queue, now: deps.now, remainingMs }, request);
  if (report.stopReason !== 'empty') return report;
  const hidden = (await queue.countHidden()) ?? 0;
  const ownHidden = (request.continuation?.held ?? 0) + report.held.length;
  return { ...report, hiddenByOthers: Math.max(0, hidden - ownHidden) };
}

function runSlice(
  deps: QueueCommandDeps,
  scan: QueueScan,
  request: Exclude<QueueRequest, { readonly command: 'unhide' }>,
): Promise<QueueReport> {
  switch (request.command) {
    case 'replay':
      return request.from === 'dead-letters'
        ? replayDeadLetters(deps, scan, request)
        : replayQuarantine(deps, scan, request);
    case 'search-queue':
      return search(scan, request);
    case 'erase-queue':
      return erase(scan, request);
  }
}

/** Lists the messages that match; keeps them all. */
async function search(scan: QueueScan, request: SearchRequest): Promise<SearchReport> {
  const { command, from, continuation } = request;
  const searchMessage = createMessageSearch(request);
  const found = createMatches();
  const options = { continuation, limit: null, dryRun: true };
  const slice = await scanSlice(
    {
      ...scan,
      decide(message) {
        const match = searchMessage(message);
        return { move: null, done: () => found.add(match) };
      },
    },
    options,
  );
  return { command, from, ...found.read(), ...slice };
}

/** Deletes the messages that match. */
async function erase(scan: QueueScan, request: EraseRequest): Promise<EraseReport> {
  const { command, from, dryRun, continuation } = request;
  const searchMessage = createMessageSearch(request);
  const found = createMatches();
  const options = { continuation, limit: null, dryRun };
  const slice = await scanSlice(
    {
      ...scan,
      decide(message) {
        const match = searchMessage(message);
        // nothing is sent on before it is deleted
        return { move: match && (async () => {}), done: () => found.add(match) };
      },
    },
    options,
  );
  const matches = found.read();
  // what matched and is still there could not be deleted
  const erased = dryRun ? 0 : matches.matched - slice.failed;
  return { command, from, dryRun, ...matches, erased, ...slice };
}

/** Counts the messages that match, and keeps the first of them. */
function createMatches() {
  const matches: QueueMatch[] = [];
  let matched = 0;
  return {
    add(match: QueueMatch | null): void {
      if (match === null) return;
      matched += 1;
      if (matches.length < MAX_MATCHES) matches.push(match);
    },
    read: () => ({ matched, matches }),
  };
}
