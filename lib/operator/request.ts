import * as v from 'valibot';
import { DEAD_LETTER_REASONS } from '../telemetry/reason-codes.ts';
import { isTimestamp } from '../voucherify/timestamp.ts';
import { CheckRequestSchema } from './check.ts';
import { EraseRequestSchema as EraseRowsRequestSchema } from './erase.ts';
import { LookUpRequestSchema } from './look-up.ts';
import { ReconcileRequestSchema } from '../reconcile/request.ts';
import { ReleaseRequestSchema } from './release.ts';
import { StatusRequestSchema } from './status.ts';
import { ContinuationSchema } from './scan-report.ts';

/** Handles fill a request as they fill a response: 6 MB hold some more than these. */
const MAX_HANDLES = 5_000;

/** The reasons of dead letters, and `redriven` for what SQS moved there by itself, without one. */
export const REPLAY_REASONS = [...DEAD_LETTER_REASONS, 'redriven'] as const;

const TextsSchema = v.pipe(v.array(v.pipe(v.string(), v.trim(), v.nonEmpty())), v.nonEmpty());
const TimeSchema = v.nullish(
  v.pipe(
    v.string(),
    // not Date.parse alone, which reads 1 as 2001 and the 1st of February as the 2nd of January
    v.check(isTimestamp),
    v.transform((text) => new Date(text)),
  ),
  null,
);
const FromSchema = v.picklist(['dead-letters', 'quarantine']);
export type QueueName = v.InferOutput<typeof FromSchema>;

const scan = {
  /** What the last slice returned; null for the first one. */
  continuation: v.nullish(ContinuationSchema, null),
};
const replay = {
  command: v.literal('replay'),
  /** Only these records or webhooks. */
  ids: v.nullish(TextsSchema, null),
  /** Only from this time on: when it was given up, or received. */
  since: TimeSchema,
  /** Only before this time. */
  until: TimeSchema,
  /** How many messages to move at most; null for all. */
  limit: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1)), null),
  /** Moves nothing, and reports what would be moved. */
  dryRun: v.nullish(v.boolean(), false),
  ...scan,
};

const ReplayRequestSchema = v.variant('from', [
  v.strictObject({
    from: v.literal('dead-letters'),
    /** Only those given up for one of these reasons. */
    reasons: v.nullish(v.pipe(v.array(v.picklist(REPLAY_REASONS)), v.nonEmpty()), null),
    /** Only the deliveries of the destination with this id. */
    destination: v.nullish(v.string(), null),
    /** Delivers to the destination with this id, and not to that of the dead letter. */
    as: v.nullish(v.string(), null),
    ...replay,
  }),
  v.strictObject({
    from: v.literal('quarantine'),
    /** Only those quarantined with an issue at one of these paths; the empty one is the whole body. */
    reasons: v.nullish(v.pipe(v.array(v.string()), v.nonEmpty()), null),
    /** Takes late repeats too (MAX_WEBHOOK_AGE_DAYS): they may have been delivered before. */
    acceptLate: v.nullish(v.boolean(), false),
    /** Read with this mapping, or with none; without the key, with that of the URL that was posted to. */
    mapping: v.exactOptional(v.nullable(v.string())),
    /** Only webhooks that were posted to the URL of this mapping, or to the plain one. */
    postedTo: v.exactOptional(v.nullable(v.string())),
    ...replay,
  }),
]);
export type ReplayRequest = v.InferOutput<typeof ReplayRequestSchema>;
export type DeadLetterRequest = Extract<ReplayRequest, { readonly from: 'dead-letters' }>;
export type QuarantineRequest = Extract<ReplayRequest, { readonly from: 'quarantine' }>;

const match = {
  from: FromSchema,
  /** The ids of records or webhooks. */
  ids: v.nullish(TextsSchema, null),
  /** What is looked for in the messages: an e-mail, a code, a source id. */
  texts: v.nullish(TextsSchema, null),
  ...scan,
};
const SearchRequestSchema = v.strictObject({ command: v.literal('search-queue'), ...match });
const EraseRequestSchema = v.strictObject({
  command: v.literal('erase-queue'),
  dryRun: v.nullish(v.boolean(), false),
  ...match,
});
export type SearchRequest = v.InferOutput<typeof SearchRequestSchema>;
export type EraseRequest = v.InferOutput<typeof EraseRequestSchema>;

const UnhideRequestSchema = v.strictObject({
  command: v.literal('unhide'),
  from: FromSchema,
  handles: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.maxLength(MAX_HANDLES)),
});

/** A request about a queue. */
const QueueRequestSchema = v.variant('command', [
  ReplayRequestSchema,
  SearchRequestSchema,
  EraseRequestSchema,
  UnhideRequestSchema,
]);
export type QueueRequest = v.InferOutput<typeof QueueRequestSchema>;

/** A request of an operator. */
export const OperatorRequestSchema = v.variant('command', [
  QueueRequestSchema,
  LookUpRequestSchema,
  ReleaseRequestSchema,
  EraseRowsRequestSchema,
  StatusRequestSchema,
  CheckRequestSchema,
  ReconcileRequestSchema,
  v.strictObject({ command: v.literal('reconcile-daily') }),
]);
export type OperatorRequest = v.InferOutput<typeof OperatorRequestSchema>;

const USAGE = {
  replay:
    '{"command":"replay","from":"dead-letters"} with "destination", "as" (ids of destinations) and "reasons" (reason codes), ' +
    'or {"command":"replay","from":"quarantine"} with "mapping", "postedTo" (each the name of a mapping, or null), "acceptLate" and "reasons" (paths of issues); ' +
    'both with "ids", "since", "until" (RFC 3339), "limit" (a whole number) and "dryRun" (true or false)',
  'search-queue':
    '{"command":"search-queue","from":"dead-letters"} or "quarantine", with "ids" or "texts" or both',
  'erase-queue':
    '{"command":"erase-queue","from":"dead-letters"} or "quarantine", with "ids" or "texts" or both, and "dryRun" (true or false)',
  unhide: `{"command":"unhide","from":"dead-letters","handles":[...]} or "quarantine", with at most ${MAX_HANDLES} handles`,
};
const SEE_HELP =
  'The requests are those of lib/operator/request.ts; npx sls relay --help lists the commands that make them.';
const CommandSchema = v.object({
  command: v.picklist(['replay', 'search-queue', 'erase-queue', 'unhide']),
});

/** An operator's request that is not valid. */
export class OperatorRequestError extends Error {
  override readonly name = 'OperatorRequestError';
}

/**
 * Reads an operator's request.
 * @param mappings the names that exist
 * @throws OperatorRequestError that names every key that is wrong, quotes no value, and shows a valid request
 */
export function parseRequest(
  request: unknown,
  mappings: ReadonlyMap<string, unknown>,
): OperatorRequest {
  const result = v.safeParse(OperatorRequestSchema, request);
  if (!result.success) {
    const keys = result.issues.map((issue) => v.getDotPath(issue) ?? 'the request');
    throw toRequestError(request, [...new Set(keys)]);
  }
  const { output } = result;
  switch (output.command) {
    case 'replay':
      if (output.from === 'quarantine') checkMapping(output.mapping ?? null, mappings);
      return output;
    case 'search-queue':
    case 'erase-queue':
      // without either, a search would find everything, and erase would delete the whole queue
      if (output.ids === null && output.texts === null) {
        throw toRequestError(request, ['ids', 'texts']);
      }
      return output;
    case 'unhide':
    case 'deliveries':
    case 'release':
    case 'erase':
    case 'status':
    case 'check':
    case 'reconcile':
    case 'reconcile-daily':
      return output;
  }
}

function checkMapping(mapping: string | null, mappings: ReadonlyMap<string, unknown>): void {
  if (mapping === null || mappings.has(mapping)) return;
  const names = [...mappings.keys()].join(', ') || 'none';
  throw new OperatorRequestError(
    `Not valid: mapping. No mapping of this name in functions/mappings.ts; known are: ${names}.`,
  );
}

function toRequestError(request: unknown, keys: readonly string[]): OperatorRequestError {
  const named = v.safeParse(CommandSchema, request);
  const usage = named.success ? `Use ${USAGE[named.output.command]}.` : SEE_HELP;
  return new OperatorRequestError(`Not valid: ${keys.join(', ')}. ${usage}`);
}
