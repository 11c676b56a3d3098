import * as v from 'valibot';
import { isTimestamp } from '../voucherify/timestamp.ts';
import { ReconcileError } from './failure.ts';
import { TallySchema } from './tally.ts';

const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(0));
const TimeSchema = v.pipe(v.string(), v.check(isTimestamp));
const IdSchema = v.pipe(v.string(), v.nonEmpty());

/** Where a run is. Each phase ends with the next one; `list` and `export` are two ways to read the publications. */
const PhaseSchema = v.variant('name', [
  v.strictObject({ name: v.literal('begin') }),
  v.strictObject({
    name: v.literal('list'),
    page: CountSchema,
    /** The time of the last publication that was read, and the ids of that time. */
    lastAt: v.nullable(v.string()),
    lastIds: v.array(v.string()),
  }),
  v.strictObject({ name: v.literal('failures'), page: CountSchema }),
  v.strictObject({ name: v.literal('create') }),
  v.strictObject({ name: v.literal('wait'), exportId: IdSchema, since: TimeSchema }),
  v.strictObject({ name: v.literal('compare'), exportId: IdSchema, row: CountSchema }),
  v.strictObject({
    name: v.literal('confirm'),
    exportId: IdSchema,
    row: CountSchema,
    confirmed: CountSchema,
    /** What waits in quarantine was compared: it may say of more campaigns that they are sent here. */
    isSecond: v.boolean(),
  }),
  v.strictObject({
    name: v.literal('quarantine'),
    exportId: v.nullable(IdSchema),
    confirmed: CountSchema,
  }),
  v.strictObject({ name: v.literal('end'), exportId: v.nullable(IdSchema) }),
]);
export type Phase = v.InferOutput<typeof PhaseSchema>;

/** What the next slice of a run has to know. Whoever starts a run hands it back unchanged. */
const ContinuationSchema = v.strictObject({
  startedAt: TimeSchema,
  until: TimeSchema,
  phase: PhaseSchema,
  tally: TallySchema,
  /** More than the run counted failed: it stopped counting them. */
  hasMoreFailures: v.boolean(),
  /** How many quarantined webhooks were compared; null before that. */
  quarantined: v.nullable(CountSchema),
  calls: CountSchema,
});
export type Continuation = v.InferOutput<typeof ContinuationSchema>;

/** The request to compare a period with history. Each call has the same keys, and the continuation of the last. */
export const ReconcileRequestSchema = v.strictObject({
  command: v.literal('reconcile'),
  /** RFC 3339, or a date, which begins at midnight in UTC. */
  since: TimeSchema,
  /** Not included; now by default. */
  until: v.optional(v.nullable(TimeSchema), null),
  /** The name of a campaign, all of whose publications should come here. */
  campaign: v.optional(v.nullable(v.pipe(v.string(), v.nonEmpty())), null),
  /** All publications of the project should come here. */
  all: v.optional(v.boolean(), false),
  /** Reports the codes of the missing ones. */
  show: v.optional(v.boolean(), false),
  continuation: v.optional(v.nullable(ContinuationSchema), null),
});
export type ReconcileRequest = v.InferOutput<typeof ReconcileRequestSchema>;

/** A request that is not valid. */
export class ReconcileRequestError extends Error {
  override readonly name = 'ReconcileRequestError';
}

const USAGE =
  'Use {"command":"reconcile","since":"<RFC 3339>"}, with "until" (RFC 3339), "campaign" (its name), "all" and "show" (true or false) as options.';

/** Reads a request. @throws ReconcileRequestError that names every key that is wrong, and quotes nothing */
export function parseReconcileRequest(request: unknown): ReconcileRequest {
  const result = v.safeParse(ReconcileRequestSchema, request);
  if (result.success) return result.output;
  const keys = result.issues.map((issue) => v.getDotPath(issue)?.split('.')[0] ?? 'the request');
  throw new ReconcileRequestError(`Not valid: ${[...new Set(keys)].join(', ')}. ${USAGE}`);
}

const DAY_MS = 86_400_000;

/**
 * The period of a run.
 * @throws ReconcileError when it is older than history: what came may be deleted by now, and would be called
 * missing; and when it is empty
 */
export function toPeriod(
  { since, until }: { readonly since: string; readonly until: string },
  historyDays: number,
  now: Date,
): { readonly since: Date; readonly until: Date } {
  const period = { since: new Date(since), until: new Date(until) };
  if (period.since >= period.until) throw new ReconcileError('period_empty');
  const oldest = new Date(now.getTime() - historyDays * DAY_MS);
  if (period.since < oldest) {
    throw new ReconcileError('too_old', { detail: oldest.toISOString() });
  }
  return period;
}
