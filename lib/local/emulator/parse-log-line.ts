import * as v from 'valibot';
import type { DeliveryLog, OperationalError, WebhookLog } from '../../telemetry/telemetry.ts';

/** A line of a function: an entry of its journal, or anything else that it wrote. */
export type ParsedLogLine =
  | { readonly kind: 'webhook'; readonly entry: WebhookLog }
  | { readonly kind: 'delivery'; readonly entry: DeliveryLog }
  | { readonly kind: 'error'; readonly entry: OperationalError }
  | { readonly kind: 'other'; readonly text: string };

const OptionalStringSchema = v.optional(v.string());

const WebhookSchema = v.object({
  status: v.picklist(['queued', 'quarantined', 'rejected', 'unavailable', 'too_large', 'error']),
  httpStatus: v.number(),
  ms: v.number(),
  id: OptionalStringSchema,
  event: OptionalStringSchema,
  purpose: OptionalStringSchema,
  test: v.optional(v.boolean()),
  reason: OptionalStringSchema,
  issues: v.optional(v.array(v.object({ path: v.string(), message: v.string() }))),
  requestId: OptionalStringSchema,
});
const DeliverySchema = v.object({
  id: v.string(),
  event: v.string(),
  destination: v.string(),
  outcome: v.picklist(['delivered', 'duplicate', 'retry', 'rejected', 'dead']),
  ms: v.number(),
  attempt: v.number(),
  status: v.optional(v.number()),
  reason: OptionalStringSchema,
  nextInSeconds: v.optional(v.number()),
});
const ErrorSchema = v.object({
  code: v.string(),
  id: OptionalStringSchema,
  destination: OptionalStringSchema,
  reason: OptionalStringSchema,
});
const LineSchema = v.pipe(v.string(), v.parseJson(), v.looseObject({ message: v.string() }));

/** Reads a log line; whatever is not an entry of the journal is given back as it is. */
export function parseLogLine(text: string): ParsedLogLine {
  const other: ParsedLogLine = { kind: 'other', text };
  const line = v.safeParse(LineSchema, text);
  if (!line.success) return other;
  switch (line.output.message) {
    case 'webhook': {
      const entry = v.safeParse(WebhookSchema, line.output);
      return entry.success ? { kind: 'webhook', entry: entry.output } : other;
    }
    case 'delivery': {
      const entry = v.safeParse(DeliverySchema, line.output);
      return entry.success ? { kind: 'delivery', entry: entry.output } : other;
    }
    case 'error': {
      const entry = v.safeParse(ErrorSchema, line.output);
      return entry.success ? { kind: 'error', entry: entry.output } : other;
    }
    default:
      return other;
  }
}

const MetricsSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ _aws: v.object({ CloudWatchMetrics: v.array(v.unknown()) }) }),
);

/** Says whether a line is metrics for CloudWatch, which tell nothing that the journal does not tell. */
export function isMetricsLine(text: string): boolean {
  return v.is(MetricsSchema, text);
}
