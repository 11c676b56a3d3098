import type { Context } from 'aws-lambda';
import type { Journal, ReplayEntry } from '../telemetry/telemetry.ts';
import {
  type DeadLetterDeps,
  type DeadLetterReport,
  judgeDeadLetter,
  reportDeadLetters,
} from './dead-letters.ts';
import {
  judgeQuarantined,
  type QuarantineDeps,
  type QuarantineReport,
  reportQuarantine,
} from './quarantine.ts';
import { parseRequest } from './request.ts';
import { sweep, type Swept, type SweptQueue } from './drain-queue.ts';
import { toldTo } from './told.ts';

/** What replay needs from outside. */
export interface ReplayDeps extends QuarantineDeps, DeadLetterDeps {
  readonly quarantineQueue: SweptQueue;
  readonly deadLettersQueue: SweptQueue;
  readonly journal: Pick<Journal, 'replay'>;
}

/** The answer to the operator. */
export type ReplayReport = {
  readonly from: 'quarantine' | 'dead-letters';
  readonly dryRun: boolean;
  readonly endedBecause: Swept<unknown>['endedBecause'];
} & (QuarantineReport | DeadLetterReport);

/** For ten messages on their way, and for giving back what was left. */
const NEEDED_FOR_TEN_MS = 15_000;

/**
 * The operator's function: takes what lies in [quarantine] or [dead-letters] back into the flow, or
 * with `dryRun` only says what would happen. Safe to repeat, and safe when it is stopped half way.
 * @throws ReplayRequestError when the request cannot be followed
 */
export function createReplay(
  deps: ReplayDeps,
): (request: unknown, context: Context) => Promise<ReplayReport> {
  return async (request, context) => {
    const asked = parseRequest(request);
    const { from, dryRun } = asked;
    const hasTime = (): boolean => context.getRemainingTimeInMillis() > NEEDED_FOR_TEN_MS;
    const tell = (entry: Pick<ReplayEntry, 'id' | 'status'>): void =>
      deps.journal.replay({ from, ...entry });
    switch (asked.from) {
      case 'quarantine': {
        const { findings, endedBecause } = await sweep(
          deps.quarantineQueue,
          (held) => toldTo(tell, judgeQuarantined(deps, held)),
          hasTime,
          asked,
        );
        return { from, dryRun, endedBecause, ...reportQuarantine(findings) };
      }
      case 'dead-letters': {
        const { findings, endedBecause } = await sweep(
          deps.deadLettersQueue,
          (held) => toldTo(tell, judgeDeadLetter(deps, asked, held)),
          hasTime,
          asked,
        );
        return { from, dryRun, endedBecause, ...reportDeadLetters(findings) };
      }
    }
  };
}
