import type { Telemetry } from '../telemetry/telemetry.ts';
import { createCounter } from './count.ts';
import { type DeadLetterResult, decideDeadLetter } from './dead-letters.ts';
import { decideQuarantined, type QuarantineDeps, type QuarantineResult } from './quarantine.ts';
import type { DeadLetterReport, QuarantineReport } from './reports.ts';
import type { DeadLetterRequest, QuarantineRequest } from './request.ts';
import { type ScanDeps, scanSlice } from './scan-queue.ts';

/** The dependencies of a replay. */
export interface ReplayDeps extends QuarantineDeps {
  readonly telemetry: Pick<Telemetry, 'messageReplayed'>;
}

/** What a slice of a run works on. */
export type QueueScan = Omit<ScanDeps, 'decide'>;

/**
 * Replays a slice of [dead-letters], or with `dryRun` only reports what it would do. Each message that is
 * moved has a line in the log.
 */
export async function replayDeadLetters(
  deps: ReplayDeps,
  scan: QueueScan,
  request: DeadLetterRequest,
): Promise<DeadLetterReport> {
  const { command, from, dryRun, limit, as } = request;
  const counter = createCounter<DeadLetterResult>();
  const counts = { replayed: 0, would_replay: 0, skipped: 0, unparsable: 0 };
  const slice = await scanSlice(
    {
      ...scan,
      decide(message) {
        const { id, result, send } = decideDeadLetter(deps, request, message);
        return {
          move: send,
          done() {
            counter.add(result);
            counts[result.status] += 1;
            if (send === null || dryRun) return;
            const { status } = result;
            deps.telemetry.messageReplayed({ id, from, status, ...(as !== null && { as }) });
          },
        };
      },
    },
    request,
  );
  const { would_replay: wouldReplay, ...others } = counts;
  const { groups, others: inNoGroup } = counter.read();
  return {
    command,
    from,
    dryRun,
    limit,
    ...others,
    wouldReplay,
    deadLetters: groups,
    others: inNoGroup,
    ...slice,
  };
}

/** Replays a slice of [quarantine], as `replayDeadLetters` does. */
export async function replayQuarantine(
  deps: ReplayDeps,
  scan: QueueScan,
  request: QuarantineRequest,
): Promise<QuarantineReport> {
  const { command, from, dryRun, limit } = request;
  const counter = createCounter<{
    readonly event: string | null;
    readonly path: string;
    readonly message: string;
  }>();
  const counts: { [Status in QuarantineResult['status']]: number } = {
    valid: 0,
    invalid: 0,
    skipped: 0,
    unparsable: 0,
  };
  const slice = await scanSlice(
    {
      ...scan,
      decide(message) {
        const { id, result, send } = decideQuarantined(deps, request, message);
        const { status, event, issues } = result;
        return {
          move: send,
          done() {
            for (const { path, message: text } of issues)
              counter.add({ event, path, message: text });
            counts[status] += 1;
            if (send !== null && !dryRun) deps.telemetry.messageReplayed({ id, from, status });
          },
        };
      },
    },
    request,
  );
  const { groups, others } = counter.read();
  return {
    command,
    from,
    dryRun,
    limit,
    ...counts,
    issues: groups,
    others,
    ...slice,
  };
}
