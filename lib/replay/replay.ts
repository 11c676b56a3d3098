import type { Context } from 'aws-lambda';
import type { Telemetry, ReplayLog } from '../telemetry/telemetry.ts';
import {
  type DeadLetterDeps,
  type DeadLetterReport,
  decideDeadLetter,
  reportDeadLetters,
} from './dead-letters.ts';
import {
  decideQuarantined,
  type QuarantineDeps,
  type QuarantineReport,
  reportQuarantine,
} from './quarantine.ts';
import { parseRequest } from './request.ts';
import { drainQueue, type DrainResult, type DrainableQueue } from './drain-queue.ts';
import { logWhenSent } from './told.ts';

/** What replay needs from outside. */
export interface ReplayDeps extends QuarantineDeps, DeadLetterDeps {
  readonly quarantineQueue: DrainableQueue;
  readonly deadLettersQueue: DrainableQueue;
  readonly telemetry: Pick<Telemetry, 'messageReplayed'>;
}

/** The answer to the operator. */
export type ReplayReport = {
  readonly from: 'quarantine' | 'dead-letters';
  readonly dryRun: boolean;
  readonly stopReason: DrainResult<unknown>['stopReason'];
} & (QuarantineReport | DeadLetterReport);

/** For ten messages on their way, and for giving back what was left. */
const MIN_BATCH_TIME_MS = 15_000;

/**
 * The operator's function: takes what lies in [quarantine] or [dead-letters] back into the flow, or
 * with `dryRun` only says what would happen. Safe to repeat, and safe when it is stopped half way.
 * @throws ReplayRequestError when the request cannot be followed
 */
export function createReplay(
  deps: ReplayDeps,
): (request: unknown, context: Context) => Promise<ReplayReport> {
  return async (request, context) => {
    const parsed = parseRequest(request);
    const { from, dryRun } = parsed;
    const hasTime = (): boolean => context.getRemainingTimeInMillis() > MIN_BATCH_TIME_MS;
    const logReplay = (entry: Pick<ReplayLog, 'id' | 'status'>): void =>
      deps.telemetry.messageReplayed({ from, ...entry });
    switch (parsed.from) {
      case 'quarantine': {
        const { results, stopReason } = await drainQueue(
          deps.quarantineQueue,
          (message) => logWhenSent(logReplay, decideQuarantined(deps, message)),
          hasTime,
          parsed,
        );
        return { from, dryRun, stopReason: stopReason, ...reportQuarantine(results) };
      }
      case 'dead-letters': {
        const { results, stopReason } = await drainQueue(
          deps.deadLettersQueue,
          (message) => logWhenSent(logReplay, decideDeadLetter(deps, parsed, message)),
          hasTime,
          parsed,
        );
        return { from, dryRun, stopReason: stopReason, ...reportDeadLetters(results) };
      }
    }
  };
}
