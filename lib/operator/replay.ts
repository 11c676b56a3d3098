import type { Context } from 'aws-lambda';
import type { Telemetry } from '../telemetry/telemetry.ts';
import {
  type DeadLetterDeps,
  type DeadLetterReport,
  decideDeadLetter,
  reportDeadLetters,
} from './dead-letters.ts';
import { type DrainableQueue, drainQueue, type StopReason } from './drain-queue.ts';
import {
  decideQuarantined,
  type QuarantineDeps,
  type QuarantineReport,
  reportQuarantine,
} from './quarantine.ts';
import { parseRequest } from './request.ts';

/** The dependencies of `createReplay`. */
export interface ReplayDeps extends QuarantineDeps, DeadLetterDeps {
  readonly quarantineQueue: DrainableQueue;
  readonly deadLettersQueue: DrainableQueue;
  readonly telemetry: Pick<Telemetry, 'messageReplayed'>;
}

/** The response to the operator. */
export type ReplayReport = {
  readonly from: 'quarantine' | 'dead-letters';
  readonly dryRun: boolean;
  /** How many messages the run could decide about at most; reached with the stop reason `limit`. */
  readonly limit: number;
  readonly stopReason: StopReason;
} & (QuarantineReport | DeadLetterReport);

/** The time for ten messages, and for releasing what stays. */
const MIN_BATCH_TIME_MS = 15_000;

/**
 * Creates the operator's function. It processes the messages of [quarantine] or [dead-letters] again,
 * or with `dryRun` only reports what it would do. Safe to repeat, and safe when it is stopped.
 * @throws ReplayRequestError when the request is not valid
 */
export function createReplay(
  deps: ReplayDeps,
): (request: unknown, context: Context) => Promise<ReplayReport> {
  return async (request, context) => {
    const parsed = parseRequest(request, deps.normalise.mappings);
    const { from, dryRun, limit } = parsed;
    const startedAt = deps.now();
    const hasTime = (): boolean => context.getRemainingTimeInMillis() > MIN_BATCH_TIME_MS;
    switch (parsed.from) {
      case 'quarantine': {
        const { results, stopReason } = await drainQueue(
          {
            queue: deps.quarantineQueue,
            decide: (message) => decideQuarantined(deps, parsed, message),
            startedAt,
            onSent: (id, { status }) => deps.telemetry.messageReplayed({ id, from, status }),
            hasTime,
          },
          parsed,
        );
        return { from, dryRun, limit, stopReason, ...reportQuarantine(results) };
      }
      case 'dead-letters': {
        const { results, stopReason } = await drainQueue(
          {
            queue: deps.deadLettersQueue,
            decide: (message) => decideDeadLetter(deps, parsed, message),
            startedAt,
            onSent: (id, { status }) => deps.telemetry.messageReplayed({ id, from, status }),
            hasTime,
          },
          parsed,
        );
        return { from, dryRun, limit, stopReason, ...reportDeadLetters(results) };
      }
    }
  };
}
