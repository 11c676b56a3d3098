import * as v from 'valibot';
import { addGroups } from './count.ts';

/** Why a slice ended. After `slice` the run goes on; each other reason ends the run. */
export const STOP_REASONS = ['slice', 'empty', 'limit', 'error', 'hidden_limit'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** The meaning of each stop reason. docs/guarantees.md has the same list; a test compares them. */
export const STOP_REASON_MEANINGS: { readonly [Reason in StopReason]: string } = {
  slice: 'the time of one call is over, or its response is full; the run goes on',
  empty: 'the run has seen every message that was there when it began',
  limit:
    'as many messages were moved, or in a dry run would be, as the request allows; start a new run for more',
  error:
    'the queue cannot be read, or ten messages could not be moved or deleted; `failures` has the causes, and everything that was not moved is still there',
  hidden_limit:
    'SQS hides no more messages of a queue, or hides them no longer: 110,000 were kept, or 25 minutes have passed. The run did not see the whole queue; move or erase a part of it first',
};

const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(0));
const TimestampSchema = v.pipe(v.string(), v.isoTimestamp());

/** What the next slice of a run has to know. Whoever starts a run hands it back unchanged. */
export const ContinuationSchema = v.strictObject({
  /** When the run began. */
  startedAt: TimestampSchema,
  /** How many messages were moved; in a dry run, how many would have been. */
  moved: CountSchema,
  failed: CountSchema,
  /** How many messages are hidden for the run. */
  held: CountSchema,
});
export type Continuation = v.InferOutput<typeof ContinuationSchema>;

/** What every slice reports. */
export const scanReportEntries = {
  /** How many messages the slice decided about. */
  scanned: v.number(),
  /** How many were sent after the run began. They are kept. */
  later: v.number(),
  /** How many could not be moved, or not be deleted after it. They are kept. */
  failed: v.number(),
  /** The names of the errors. */
  failures: v.array(v.object({ cause: v.string(), count: v.number() })),
  /** The receipt handles of what is kept and hidden, to be given back with `unhide` when the run is over. */
  held: v.array(v.string()),
  /**
   * How many messages others have hidden, so that the run did not see them: another command, or one that ended a
   * moment ago. As SQS counts them, which is approximate. Only at the end of a run.
   */
  hiddenByOthers: v.nullish(v.number(), 0),
  stopReason: v.picklist(STOP_REASONS),
  /** Null when the run is over. */
  continuation: v.nullable(ContinuationSchema),
};
const ScanReportSchema = v.object(scanReportEntries);
export type ScanReport = v.InferOutput<typeof ScanReportSchema>;

/** Adds a slice to those before. Handles are not added up: they are given back, and can be very many. */
export function addScans(total: ScanReport, slice: ScanReport): ScanReport {
  return {
    scanned: total.scanned + slice.scanned,
    later: total.later + slice.later,
    failed: total.failed + slice.failed,
    failures: addGroups([...total.failures, ...slice.failures], ({ cause }) => ({ cause })).groups,
    held: [],
    hiddenByOthers: slice.hiddenByOthers,
    stopReason: slice.stopReason,
    continuation: slice.continuation,
  };
}
