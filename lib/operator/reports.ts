import * as v from 'valibot';
import { FAILURE_REASONS } from '../telemetry/reason-codes.ts';
import { addGroups } from './count.ts';
import { REPLAY_REASONS } from './request.ts';
import { addScans, scanReportEntries } from './scan-report.ts';

const NullableStringSchema = v.nullable(v.string());
const count = { count: v.number() };

/** What a slice of a replay of dead letters reports: counts, never a record. */
const DeadLetterReportSchema = v.object({
  command: v.literal('replay'),
  from: v.literal('dead-letters'),
  dryRun: v.boolean(),
  /** How many messages the run moves at most; null for all. */
  limit: v.nullable(v.number()),
  replayed: v.number(),
  /** In a dry run: how many a run would replay. */
  wouldReplay: v.number(),
  skipped: v.number(),
  unparsable: v.number(),
  /** By status, destination, reason and last failure, the most frequent first. */
  deadLetters: v.array(
    v.object({
      status: v.picklist(['replayed', 'would_replay', 'skipped', 'unparsable']),
      destination: NullableStringSchema,
      reason: v.picklist(REPLAY_REASONS),
      lastFailure: v.nullable(
        v.object({
          reason: v.picklist(FAILURE_REASONS),
          cause: NullableStringSchema,
          status: v.nullable(v.number()),
        }),
      ),
      ...count,
    }),
  ),
  /** How many are in none of these groups. */
  others: v.number(),
  ...scanReportEntries,
});
export type DeadLetterReport = v.InferOutput<typeof DeadLetterReportSchema>;

/** What a slice of a replay of quarantine reports: counts and distinct issues, never a body. */
const QuarantineReportSchema = v.object({
  command: v.literal('replay'),
  from: v.literal('quarantine'),
  dryRun: v.boolean(),
  /** How many messages the run moves at most; null for all. */
  limit: v.nullable(v.number()),
  /** Moved; in a dry run: how many a run would move. */
  valid: v.number(),
  invalid: v.number(),
  skipped: v.number(),
  unparsable: v.number(),
  /** By event, the most frequent first. */
  issues: v.array(
    v.object({ event: NullableStringSchema, path: v.string(), message: v.string(), ...count }),
  ),
  /** How many issues are not listed. */
  others: v.number(),
  ...scanReportEntries,
});
export type QuarantineReport = v.InferOutput<typeof QuarantineReportSchema>;

/** A message that matches a search: nothing personal, and no code. */
const QueueMatchSchema = v.object({
  /** The id of the record or webhook; null when the message cannot be parsed. */
  id: NullableStringSchema,
  event: NullableStringSchema,
  /** When it was given up, or received. */
  at: NullableStringSchema,
  destination: NullableStringSchema,
  reason: v.nullable(v.picklist(REPLAY_REASONS)),
  issues: v.array(v.object({ path: v.string(), message: v.string() })),
});
export type QueueMatch = v.InferOutput<typeof QueueMatchSchema>;

const FromSchema = v.picklist(['dead-letters', 'quarantine']);
const matches = {
  from: FromSchema,
  /** How many messages match. */
  matched: v.number(),
  /** The first of them, MAX_MATCHES at most. */
  matches: v.array(QueueMatchSchema),
};
const SearchReportSchema = v.object({
  command: v.literal('search-queue'),
  ...matches,
  ...scanReportEntries,
});
export type SearchReport = v.InferOutput<typeof SearchReportSchema>;

const EraseReportSchema = v.object({
  command: v.literal('erase-queue'),
  dryRun: v.boolean(),
  ...matches,
  /** How many were deleted; in a dry run none. */
  erased: v.number(),
  ...scanReportEntries,
});
export type EraseReport = v.InferOutput<typeof EraseReportSchema>;

/** So many matches are listed. */
export const MAX_MATCHES = 50;

/** The report of a slice; added up, that of a run. */
export const QueueReportSchema = v.variant('command', [
  v.variant('from', [DeadLetterReportSchema, QuarantineReportSchema]),
  SearchReportSchema,
  EraseReportSchema,
]);
export type QueueReport = v.InferOutput<typeof QueueReportSchema>;

/** What `unhide` reports. */
export interface UnhideReport {
  readonly command: 'unhide';
  readonly from: 'dead-letters' | 'quarantine';
  /** How many messages are visible again because of it. */
  readonly unhidden: number;
}

/**
 * Adds the report of a slice to those of the slices before. `held` is empty in the sum.
 * @throws Error when they are of different commands, which is a bug
 */
export function addReports(total: QueueReport, slice: QueueReport): QueueReport {
  const scans = addScans(total, slice);
  if (total.command === 'search-queue' && slice.command === 'search-queue') {
    return { ...slice, ...scans, ...addMatches(total, slice) };
  }
  if (total.command === 'erase-queue' && slice.command === 'erase-queue') {
    const erased = total.erased + slice.erased;
    return { ...slice, ...scans, ...addMatches(total, slice), erased };
  }
  if (total.command === 'replay' && slice.command === 'replay') {
    if (total.from === 'dead-letters' && slice.from === 'dead-letters') {
      const { groups, others } = addGroups(
        [...total.deadLetters, ...slice.deadLetters],
        ({ status, destination, reason, lastFailure }) => ({
          status,
          destination,
          reason,
          lastFailure,
        }),
      );
      return {
        ...slice,
        ...scans,
        replayed: total.replayed + slice.replayed,
        wouldReplay: total.wouldReplay + slice.wouldReplay,
        skipped: total.skipped + slice.skipped,
        unparsable: total.unparsable + slice.unparsable,
        deadLetters: groups,
        others: total.others + slice.others + others,
      };
    }
    if (total.from === 'quarantine' && slice.from === 'quarantine') {
      const { groups, others } = addGroups(
        [...total.issues, ...slice.issues],
        ({ event, path, message }) => ({ event, path, message }),
      );
      return {
        ...slice,
        ...scans,
        valid: total.valid + slice.valid,
        invalid: total.invalid + slice.invalid,
        skipped: total.skipped + slice.skipped,
        unparsable: total.unparsable + slice.unparsable,
        issues: groups,
        others: total.others + slice.others + others,
      };
    }
  }
  throw new Error(`A report of ${slice.command} cannot be added to one of ${total.command}`);
}

function addMatches(
  total: Pick<SearchReport, 'matched' | 'matches'>,
  slice: Pick<SearchReport, 'matched' | 'matches'>,
): Pick<SearchReport, 'matched' | 'matches'> {
  return {
    matched: total.matched + slice.matched,
    matches: [...total.matches, ...slice.matches].slice(0, MAX_MATCHES),
  };
}
