import * as v from 'valibot';
import { IssueSchema, UnusableReasonSchema } from '../record/record.ts';
import { ERROR_CODES } from './error-codes.ts';
import { DEAD_LETTER_REASONS, FAILURE_REASONS } from './reason-codes.ts';
import {
  DELIVERY_STATUSES,
  REPLAY_STATUSES,
  WEBHOOK_REASONS,
  WEBHOOK_STATUSES,
} from './statuses.ts';

/**
 * The four kinds of log line that the functions write: `message` is `webhook`, `delivery`, `error` or
 * `replay`, the fields stand beside it. They hold no personal data, no code and no secret. A `cause`
 * is the name of an error and never its message, which could quote what failed.
 */

const Optional = {
  string: v.optional(v.string()),
  number: v.optional(v.number()),
  boolean: v.optional(v.boolean()),
};

/** One line per webhook. */
export const WebhookLogSchema = v.object({
  status: v.picklist(WEBHOOK_STATUSES),
  /** The HTTP status of our response. */
  httpStatus: v.number(),
  ms: v.number(),
  id: Optional.string,
  event: Optional.string,
  purpose: Optional.string,
  test: Optional.boolean,
  /** Why the code of a record of purpose `code` cannot be used on arrival; left out when it can. */
  unusable: v.optional(v.pipe(v.array(UnusableReasonSchema), v.readonly())),
  reason: v.optional(v.picklist(WEBHOOK_REASONS)),
  cause: Optional.string,
  issues: v.optional(v.pipe(v.array(IssueSchema), v.readonly())),
  /** API Gateway's id of the request, which its access log has too. */
  requestId: Optional.string,
});
export type WebhookLog = Readonly<v.InferOutput<typeof WebhookLogSchema>>;

/** One line per delivery and message. */
export const DeliveryLogSchema = v.object({
  id: v.string(),
  event: v.string(),
  destination: v.string(),
  status: v.picklist(DELIVERY_STATUSES),
  ms: v.number(),
  /** The number of the attempt, from 1; left out when its row was not taken. */
  attempt: Optional.number,
  /** True when it had been delivered, and an operator released it. */
  released: Optional.boolean,
  /** The HTTP status of the destination's response. */
  httpStatus: Optional.number,
  /** Why it was given up, with status `dead`. */
  reason: v.optional(v.picklist(DEAD_LETTER_REASONS)),
  /** What kept the attempt from delivering. */
  failure: v.optional(v.picklist(FAILURE_REASONS)),
  cause: Optional.string,
  /** Seconds until the next attempt, with status `waiting`. */
  nextInSeconds: Optional.number,
  /** Milliseconds from the webhook to the delivery, with status `delivered`. */
  ageMs: Optional.number,
});
export type DeliveryLog = Readonly<v.InferOutput<typeof DeliveryLogSchema>>;

/** Something an operator should know that is neither a webhook nor a delivery. */
export const ErrorLogSchema = v.object({
  code: v.picklist(ERROR_CODES),
  /** The record's id, or the id of the queue message where no record could be read. */
  id: Optional.string,
  destination: Optional.string,
  cause: Optional.string,
  failure: v.optional(v.picklist(FAILURE_REASONS)),
  /** The HTTP status of the destination's response. */
  httpStatus: Optional.number,
  sourceIp: Optional.string,
  issues: v.optional(v.pipe(v.array(v.string()), v.readonly())),
});
export type ErrorLog = Readonly<v.InferOutput<typeof ErrorLogSchema>>;

/** One line per message that a replay moved. */
export const ReplayLogSchema = v.object({
  /** The record's id, which every other line about it carries; null when the message has none. */
  id: v.nullable(v.string()),
  from: v.picklist(['quarantine', 'dead-letters']),
  status: v.picklist(REPLAY_STATUSES),
  /** The id of the destination that gets it in place of its own; left out when it is its own. */
  as: Optional.string,
});
export type ReplayLog = Readonly<v.InferOutput<typeof ReplayLogSchema>>;

/** A line of a function's log: one of the kinds above, or any other text. */
export type ParsedLogLine =
  | { readonly kind: 'webhook'; readonly entry: WebhookLog }
  | { readonly kind: 'delivery'; readonly entry: DeliveryLog }
  | { readonly kind: 'error'; readonly entry: ErrorLog }
  | { readonly kind: 'replay'; readonly entry: ReplayLog }
  | { readonly kind: 'other'; readonly text: string };

const LineSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.variant('message', [
    v.object({ message: v.literal('webhook'), ...WebhookLogSchema.entries }),
    v.object({ message: v.literal('delivery'), ...DeliveryLogSchema.entries }),
    v.object({ message: v.literal('error'), ...ErrorLogSchema.entries }),
    v.object({ message: v.literal('replay'), ...ReplayLogSchema.entries }),
  ]),
);

/** Parses a log line. A line that is none of the functions' own is returned as text. */
export function parseLogLine(text: string): ParsedLogLine {
  const line = v.safeParse(LineSchema, text);
  if (!line.success) return { kind: 'other', text };
  switch (line.output.message) {
    case 'webhook': {
      const { message: kind, ...entry } = line.output;
      return { kind, entry };
    }
    case 'delivery': {
      const { message: kind, ...entry } = line.output;
      return { kind, entry };
    }
    case 'error': {
      const { message: kind, ...entry } = line.output;
      return { kind, entry };
    }
    case 'replay': {
      const { message: kind, ...entry } = line.output;
      return { kind, entry };
    }
  }
}

const MetricsSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ _aws: v.object({ CloudWatchMetrics: v.array(v.unknown()) }) }),
);

/** Whether a line is CloudWatch's embedded metric format, which repeats what the log lines say. */
export function isMetricsLine(text: string): boolean {
  return v.is(MetricsSchema, text);
}
