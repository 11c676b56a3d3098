import * as v from 'valibot';
import { parseStored } from '../record/parse-stored.ts';
import { type RelayRecord, RelayRecordSchema } from '../record/record.ts';
import {
  DEAD_LETTER_REASONS,
  type DeadLetterReason,
  FAILURE_REASONS,
} from '../telemetry/reason-codes.ts';

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

/** What a message of any of these queues turned out to be. */
export type QueueMessage =
  | { readonly kind: 'record'; readonly record: RelayRecord }
  | { readonly kind: 'delivery'; readonly delivery: DeliveryMessage }
  | ({ readonly kind: 'dead_letter' } & UnwrappedDeadLetter)
  | { readonly kind: 'invalid'; readonly issues: string[] };

/** What a dead letter is about, however often it was wrapped. */
export interface UnwrappedDeadLetter {
  readonly record: RelayRecord;
  /** Null: the record as a whole. */
  readonly destination: string | null;
  readonly reason: DeadLetterReason;
  readonly lastFailure: v.InferOutput<typeof FailureSchema> | null;
  /** When it became a dead letter last. */
  readonly lastAt: string;
}

/** Only a delivery and its dead letter wrap a record; of these two only a dead letter has `lastAt`. */
const DeliveryShapeSchema = v.looseObject({ record: v.unknown(), destination: v.unknown() });
const DeadLetterShapeSchema = v.looseObject({
  record: v.unknown(),
  destination: v.unknown(),
  lastAt: v.unknown(),
});
const MAX_ISSUES = 10;

/**
 * Parses the body of a message of [records], of a destination's queue or of [dead-letters]. A queue is a
 * boundary: whoever may write to it may write anything, and the console of SQS moves dead letters to any of
 * them.
 * @returns the message, or where it is invalid, in words that quote nothing of its content
 */
export function parseMessage(body: string): QueueMessage {
  const { value, lastAt } = unwrapMessage(body);
  return withWrapper(parseUnwrapped(value), lastAt);
}

/** The inside of an `invalid_message`; of any other message, that itself. */
export interface InnermostMessage {
  readonly body: string;
  /** Undefined when it is not JSON. */
  readonly value: unknown;
  /** When it was wrapped last; null when it was not. */
  readonly lastAt: string | null;
}

/**
 * Takes the wrappers off a message that could not be parsed, and was moved back by hand and wrapped again,
 * as often as it happened.
 */
export function unwrapMessage(body: string): InnermostMessage {
  let innermost: InnermostMessage = { body, value: parseJsonMessage(body), lastAt: null };
  for (;;) {
    const wrapper = v.safeParse(InvalidMessageDeadLetterSchema, innermost.value);
    if (!wrapper.success) return innermost;
    const { body: inner, lastAt } = wrapper.output;
    // the outermost wrapper is the newest
    innermost = {
      body: inner,
      value: parseJsonMessage(inner),
      lastAt: innermost.lastAt ?? lastAt,
    };
  }
}

function parseUnwrapped(value: unknown): QueueMessage {
  if (value === undefined) return { kind: 'invalid', issues: ['is not JSON'] };
  if (v.is(DeadLetterShapeSchema, value)) {
    const deadLetter = parseStored(DeliveryDeadLetterSchema, value);
    if (!deadLetter.success) return toInvalid(deadLetter.issues);
    const { record, destination, reason, lastFailure, lastAt } = deadLetter.output;
    return { kind: 'dead_letter', record, destination, reason, lastFailure, lastAt };
  }
  if (v.is(DeliveryShapeSchema, value)) {
    const delivery = parseStored(DeliveryMessageSchema, value);
    return delivery.success
      ? { kind: 'delivery', delivery: delivery.output }
      : toInvalid(delivery.issues);
  }
  const record = parseStored(RelayRecordSchema, value);
  return record.success ? { kind: 'record', record: record.output } : toInvalid(record.issues);
}

/** Adds what the wrappers say; what was in one is a dead letter, whatever it was before. */
function withWrapper(message: QueueMessage, lastAt: string | null): QueueMessage {
  if (lastAt === null) return message;
  const wrapped = { reason: 'invalid_message', lastFailure: null, lastAt } as const;
  switch (message.kind) {
    case 'record':
      return { kind: 'dead_letter', record: message.record, destination: null, ...wrapped };
    case 'delivery': {
      const { record, destination } = message.delivery;
      return { kind: 'dead_letter', record, destination, ...wrapped };
    }
    case 'dead_letter':
      return { ...message, lastAt };
    case 'invalid':
      return message;
  }
}

/**
 * Returns the delivery that a message asks for. The dead letter of a delivery that somebody moved back by
 * hand asks for it anew.
 * @param sentAt the SentTimestamp of the message
 * @returns null for a record as a whole, and for what is invalid
 */
export function toDelivery(message: QueueMessage, sentAt: Date): DeliveryMessage | null {
  switch (message.kind) {
    case 'delivery':
      return message.delivery;
    case 'dead_letter': {
      const { record, destination, lastAt } = message;
      if (destination === null) return null;
      return { record, destination, requestedAt: toRequestedAt(sentAt, lastAt) };
    }
    case 'record':
    case 'invalid':
      return null;
  }
}

/**
 * Returns when a message that was moved by hand asked for its delivery: when it was put on the queue on
 * which it is. SQS gives a moved message a new time (Amazon SQS Developer Guide, "Configure a dead-letter
 * queue redrive"). It is later than the end of the delivery, so that there is another attempt, and the same
 * at each receipt, so that a copy gets none.
 * @param sentAt the SentTimestamp of the message
 * @param lastAt when the delivery was given up
 */
function toRequestedAt(sentAt: Date, lastAt: string): string {
  const times = [sentAt.getTime(), Date.parse(lastAt) + 1].filter((ms) => !Number.isNaN(ms));
  return new Date(Math.max(0, ...times)).toISOString();
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
