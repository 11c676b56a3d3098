import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import type { DeliveryFinder } from './find-deliveries.ts';
import { lookUp, LookUpRequestSchema } from './look-up.ts';
import { runStageCommand } from './run-stage-command.ts';
import type { StageCommands } from './stage-commands.ts';
import { createReplay, type ReplayDeps } from './replay.ts';

/** The dependencies of `createOperator`. */
export interface OperatorDeps extends ReplayDeps {
  readonly finder: DeliveryFinder;
  readonly stage: StageCommands;
}

/** Creates the operator's function: one request of `npx sls relay`, one report. */
export function createOperator(
  deps: OperatorDeps,
): (request: unknown, context: Context) => Promise<unknown> {
  const replay = createReplay(deps);
  return async (request, context) =>
    v.is(LookUpRequestSchema, request)
      ? lookUp(deps.finder, v.parse(LookUpRequestSchema, request))
      : (runStageCommand(deps.stage, request) ?? replay(request, context));
}
