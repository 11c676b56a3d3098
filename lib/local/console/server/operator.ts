import * as v from 'valibot';
import type { LocalPipeline } from '../../emulator/local-pipeline.ts';
import { StartError } from '../../emulator/start-error.ts';
import type { Circuits } from '../state/circuits.ts';

/** The dependencies of `callOperator`. */
export interface OperatorDeps {
  readonly pipeline: Pick<LocalPipeline, 'functions' | 'backlogs'>;
  readonly circuits: Pick<Circuits, 'get'>;
  readonly now: () => number;
}

/** The error of lib/operator whose message is for the operator. */
const REQUEST_ERROR = 'OperatorRequestError';
/** What a deployed stage knows from CloudWatch. */
const StatusReportSchema = v.looseObject({
  command: v.literal('status'),
  destinations: v.array(v.looseObject({ name: v.string(), id: v.string() })),
});

/**
 * Calls the function operator, for the console and for `npx sls relay`. To the status it adds what the stage
 * local has no metrics for, and this process knows: ages and circuits.
 * @throws StartError when the function fails
 */
export async function callOperator(
  { pipeline, circuits, now }: OperatorDeps,
  request: unknown,
): Promise<unknown> {
  const invocation = await pipeline.functions.get('operator')?.invoke(request);
  if (invocation?.result.kind !== 'returned') {
    const { result } = invocation ?? {};
    throw new StartError(
      result?.kind === 'threw' && result.error.type === REQUEST_ERROR
        ? result.error.message
        : 'The function operator failed. See the terminal of npm start for the error.',
    );
  }
  const { payload } = invocation.result;
  const status = v.safeParse(StatusReportSchema, payload);
  if (!status.success) return payload;
  const backlogs = pipeline.backlogs.read();
  const destinations = status.output.destinations.map((destination) => {
    const { oldestSentAtMs = null } = backlogs.get(destination.id) ?? {};
    return {
      ...destination,
      oldestSeconds:
        oldestSentAtMs === null ? null : Math.max(0, Math.round((now() - oldestSentAtMs) / 1_000)),
      isCircuitOpen: circuits.get(destination.name) !== 'closed',
    };
  });
  return { ...status.output, destinations };
}
