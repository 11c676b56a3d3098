import * as v from 'valibot';
import { parseStored } from '../record/parse-stored.ts';
import { type RelayRecord, RelayRecordSchema } from '../record/record.ts';
import { DEAD_LETTER_REASONS, FAILURE_REASONS } from '../telemetry/reason-codes.ts';

const TimestampSchema = v.pipe(v.string(), v.isoTimestamp());

// Each message can wait for days, so it can be older than a key, or come from a newer release that was
// rolled back. What only describes it has a default; what decides about the delivery does not.

/** What kept the last attempt from delivering (lib/destinations/outcome.ts, Failure). */
const FailureSchema = v.object({
  reason: v.fallback(v.picklist(FAILURE_REASONS), 'unknown'),
  cause: v.nullish(v.string(), null),
  status: v.nullish(v.number(), null),
});

/** One delivery, on the queue of its destination. How often it was attempted, and when, is in its row. */
export const DeliveryMessageSchema = v.object({
  record: RelayRecordSchema,
  /** The id of the destination. */
  destination: v.string(),
  /** When the record was put on [records], or the dead letter was replayed. */
  requestedAt: TimestampSchema,
});
export type DeliveryMessage = v.InferOutput<typeof DeliveryMessageSchema>;

/**
 * A delivery that was given up, for a person to look at and to replay. `destination` is null when no
 * destination accepts the record.
 */
export const DeliveryDeadLetterSchema = v.object({
  record: RelayRecordSchema,
  destination: v.nullable(v.string()),
  reason: v.fallback(v.picklist(DEAD_LETTER_REASONS), 'unknown'),
  /** Null when nothing failed: no destination accepts the record. */
  lastFailure: v.nullish(FailureSchema, null),
  /** The merchant's words to `undeliverable(...)`, or null. */
  detail: v.nullish(v.string(), null),
  /** How many attempts were used up. */
  attempts: v.number(),
  firstAt: v.string(),
  lastAt: v.string(),
  /** The beginning of the last response's body, or null. */
  responseBody: v.nullish(v.string(), null),
});
export type DeliveryDeadLetter = v.InferOutput<typeof DeliveryDeadLetterSchema>;

/** A message that is neither a record nor a delivery, unchanged. */
export const InvalidMessageDeadLetterSchema = v.object({
  reason: v.literal('invalid_message'),
  issues: v.array(v.string()),
  /** The body of the message. */
  body: v.string(),
  lastAt: v.string(),
});
export type InvalidMessageDeadLetter = v.InferOutput<typeof InvalidMessageDeadLetterSchema>;

/** All that fanOut puts on [dead-letters]. SQS's redrive adds bare records and deliveries. */
export const DeadLetterSchema = v.union([DeliveryDeadLetterSchema, InvalidMessageDeadLetterSchema]);
export type DeadLetter = v.InferOutput<typeof DeadLetterSchema>;

/** A parsed message of [records] or of a destination's queue. */
export type QueueMessage =
  | { readonly kind: 'record'; readonly record: RelayRecord }
  | { readonly kind: 'delivery'; readonly delivery: DeliveryMessage }
  | { readonly kind: 'invalid'; readonly issues: string[] };

/** Only a delivery wraps a record. */
const DeliveryShapeSchema = v.looseObject({ record: v.unknown(), destination: v.unknown() });
const MAX_ISSUES = 10;

/**
 * Parses the body of a message. A queue is a boundary: whoever may write to it may write anything.
 * @returns the message, or where it is invalid, in words that quote nothing of its content
 */
export function parseMessage(body: string): QueueMessage {
  const value = parseJsonMessage(body);
  if (value === undefined) return { kind: 'invalid', issues: ['is not JSON'] };
  if (v.is(DeliveryShapeSchema, value)) {
    const delivery = parseStored(DeliveryMessageSchema, value);
    return delivery.success
      ? { kind: 'delivery', delivery: delivery.output }
      : toInvalid(delivery.issues);
  }
  const record = parseStored(RelayRecordSchema, value);
  return record.success ? { kind: 'record', record: record.output } : toInvalid(record.issues);
}

/** Returns the value of a body that is JSON; undefined for any other. */
export function parseJsonMessage(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Valibot's own messages quote the value, so they are not used. */
function toInvalid(issues: readonly v.BaseIssue<unknown>[]): QueueMessage {
  return {
    kind: 'invalid',
    issues: issues
      .slice(0, MAX_ISSUES)
      .map(
        (issue) =>
          `${v.getDotPath(issue) ?? 'the message'}: expected ${issue.expected ?? issue.type}`,
      ),
  };
}
