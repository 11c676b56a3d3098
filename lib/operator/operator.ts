import type { Context } from 'aws-lambda';
import type { EraseReport, EraseRequest } from './erase.ts';
import type { DeliveryFinder, FoundDeliveries } from './find-deliveries.ts';
import type { DailyReconcileReport } from '../reconcile/daily.ts';
import type { ReconcileReport } from '../reconcile/reconcile.ts';
import { lookUp } from './look-up.ts';
import {
  type QueueCommandDeps,
  type QueueCommandReport,
  runQueueCommand,
} from './queue-commands.ts';
import type { Release, ReleaseResult } from './release.ts';
import { type OperatorRequest, parseRequest } from './request.ts';
import type { StageCommands } from './stage-commands.ts';
import type { CheckReport } from './check.ts';
import type { StatusReport } from './status.ts';

/** The dependencies of `createOperator`. */
export interface OperatorDeps extends QueueCommandDeps {
  readonly finder: DeliveryFinder;
  readonly release: Release;
  readonly erase: (request: EraseRequest) => Promise<EraseReport>;
  readonly stage: StageCommands;
  readonly reconcile: (request: unknown) => Promise<ReconcileReport>;
  readonly reconcileDaily: (remainingMs: () => number) => Promise<DailyReconcileReport>;
}

/** The response to the operator. */
export type OperatorReport =
  | QueueCommandReport
  | FoundDeliveries
  | { readonly results: readonly ReleaseResult[] }
  | EraseReport
  | StatusReport
  | CheckReport
  | ReconcileReport
  | DailyReconcileReport;

/**
 * Creates the operator's function: one request of `npx sls relay`, one report. Each call is short: long work
 * is cut into slices, and who asks calls again with the `continuation` of the last report until it is null
 * (`runToEnd` for queues). Nothing is kept in the function between two calls.
 * @throws OperatorRequestError when the request is not valid
 */
export function createOperator(
  deps: OperatorDeps,
): (request: unknown, context: Context) => Promise<OperatorReport> {
  return async (request, context) =>
    run(deps, parseRequest(request, deps.normalise.mappings), () =>
      context.getRemainingTimeInMillis(),
    );
}

async function run(
  deps: OperatorDeps,
  request: OperatorRequest,
  remainingMs: () => number,
): Promise<OperatorReport> {
  switch (request.command) {
    case 'deliveries':
      return lookUp(deps.finder, request);
    case 'release': {
      const { records, destination, dryRun } = request;
      const release = dryRun ? deps.release.preview : deps.release.release;
      return { results: await release(records, destination) };
    }
    case 'erase':
      return deps.erase(request);
    case 'status':
      return deps.stage.status(request);
    case 'check':
      return deps.stage.check(request);
    case 'reconcile':
      return deps.reconcile(request);
    case 'reconcile-daily':
      return deps.reconcileDaily(remainingMs);
    case 'replay':
    case 'search-queue':
    case 'erase-queue':
    case 'unhide':
      return runQueueCommand(deps, request, remainingMs);
  }
}
