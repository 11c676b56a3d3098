import * as v from 'valibot';
import type { DeliveryEntry, TroubleEntry, WebhookEntry } from '../../telemetry/telemetry.ts';

/** A line of a function: an entry of its journal, or anything else that it wrote. */
export type JournalLine =
  | { readonly kind: 'webhook'; readonly entry: WebhookEntry }
  | { readonly kind: 'delivery'; readonly entry: DeliveryEntry }
  | { readonly kind: 'trouble'; readonly entry: TroubleEntry }
  | { readonly kind: 'other'; readonly text: string };

const MaybeTextSchema = v.optional(v.string());

const WebhookSchema = v.object({
  status: v.picklist(['queued', 'quarantined', 'refused', 'unavailable', 'too_large', 'failed']),
  answer: v.number(),
  ms: v.number(),
  id: MaybeTextSchema,
  event: MaybeTextSchema,
  purpose: MaybeTextSchema,
  test: v.optional(v.boolean()),
  reason: MaybeTextSchema,
  issues: v.optional(v.array(v.object({ path: v.string(), message: v.string() }))),
  requestId: MaybeTextSchema,
});
const DeliverySchema = v.object({
  id: v.string(),
  event: v.string(),
  destination: v.string(),
  outcome: v.picklist(['delivered', 'duplicate', 'retry', 'rejected', 'dead']),
  ms: v.number(),
  attempt: v.number(),
  status: v.optional(v.number()),
  reason: MaybeTextSchema,
  nextInSeconds: v.optional(v.number()),
});
const TroubleSchema = v.object({
  what: v.string(),
  id: MaybeTextSchema,
  destination: MaybeTextSchema,
  reason: MaybeTextSchema,
});
const LineSchema = v.pipe(v.string(), v.parseJson(), v.looseObject({ message: v.string() }));

/** Reads a log line; whatever is not an entry of the journal is given back as it is. */
export function parseJournalLine(text: string): JournalLine {
  const other: JournalLine = { kind: 'other', text };
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
    case 'trouble': {
      const entry = v.safeParse(TroubleSchema, line.output);
      return entry.success ? { kind: 'trouble', entry: entry.output } : other;
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
