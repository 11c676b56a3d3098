import * as v from 'valibot';
import { isTimestamp } from '../voucherify/timestamp.ts';

/** Enough for a first look, and fast enough to wait for. docs/operations.md names it. */
const DEFAULT_LIMIT = 1_000;

const common = {
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), DEFAULT_LIMIT),
  dryRun: v.optional(v.boolean(), false),
};

/** The request of an operator to `replay`. */
export const ReplayRequestSchema = v.variant('from', [
  v.strictObject({
    from: v.literal('quarantine'),
    /** Takes late repeats too (MAX_WEBHOOK_AGE_DAYS): they may have been delivered before. */
    acceptLate: v.optional(v.boolean(), false),
    /** Read with this mapping, or with none; without the key, with that of the URL that was posted to. */
    mapping: v.exactOptional(v.nullable(v.string())),
    /** Only webhooks that were posted to the URL of this mapping, or to the plain one. */
    postedTo: v.exactOptional(v.nullable(v.string())),
    ...common,
  }),
  v.strictObject({
    from: v.literal('dead-letters'),
    destination: v.optional(v.nullable(v.string()), null),
    since: v.optional(
      v.nullable(
        v.pipe(
          v.string(),
          // not Date.parse alone, which reads 1 as 2001 and the 1st of February as the 2nd of January
          v.check(isTimestamp),
          v.transform((text) => new Date(text)),
        ),
      ),
      null,
    ),
    ...common,
  }),
]);
export type ReplayRequest = v.InferOutput<typeof ReplayRequestSchema>;

const USAGE =
  'Use {"from":"quarantine"}, with "mapping" and "postedTo" (each the name of a mapping, or null) and "acceptLate" as options, or {"from":"dead-letters","destination":"<name>","since":"<RFC 3339>"}, ' +
  'each with "limit" (a whole number) and "dryRun" (true or false) as an option.';

/** An operator's request that is not valid. */
export class ReplayRequestError extends Error {
  override readonly name = 'ReplayRequestError';
}

/**
 * Reads an operator's request.
 * @param mappings the names that exist
 * @throws ReplayRequestError that names every key that is wrong, and shows a valid request
 */
export function parseRequest(
  request: unknown,
  mappings: ReadonlyMap<string, unknown>,
): ReplayRequest {
  const result = v.safeParse(ReplayRequestSchema, request);
  if (result.success) {
    const { output } = result;
    const mapping = output.from === 'quarantine' ? (output.mapping ?? null) : null;
    if (mapping === null || mappings.has(mapping)) return output;
    const names = [...mappings.keys()].join(', ') || 'none';
    throw new ReplayRequestError(
      `Not valid: mapping. No mapping of this name in functions/mappings.ts; known are: ${names}. ${USAGE}`,
    );
  }
  const keys = result.issues.map((issue) => v.getDotPath(issue) ?? 'the request');
  throw new ReplayRequestError(`Not valid: ${[...new Set(keys)].join(', ')}. ${USAGE}`);
}
