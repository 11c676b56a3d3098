import * as v from 'valibot';

/** The content of a queue message: a record, or one delivery of a record. */
export interface ParsedMessage {
  readonly recordId: string;
  /** The destination's name; null when the message is a record. */
  readonly destination: string | null;
  /** Why it is a dead letter; null when the message is a record or a delivery. */
  readonly reason: string | null;
  /** What the last attempt failed with; null when nothing failed. */
  readonly lastFailure: ParsedFailure | null;
}

/** What an attempt failed with. */
export type ParsedFailure = v.InferOutput<typeof FailureSchema>;

const FailureSchema = v.object({ reason: v.string(), status: v.nullable(v.number()) });
const DeliverySchema = v.object({
  record: v.object({ id: v.string() }),
  destination: v.string(),
  requestedAt: v.string(),
});
const DeadLetterSchema = v.object({
  record: v.object({ id: v.string() }),
  destination: v.nullable(v.string()),
  reason: v.string(),
  lastFailure: v.nullable(FailureSchema),
});
const RecordSchema = v.object({ id: v.string() });
const JsonSchema = v.pipe(v.string(), v.parseJson());

/** Parses a message of [records], [retries], [dead-letters] or [quarantine]; null for any other. */
export function parseMessage(body: string): ParsedMessage | null {
  const parsedJson = v.safeParse(JsonSchema, body);
  if (!parsedJson.success) return null;
  const delivery = v.safeParse(DeliverySchema, parsedJson.output);
  if (delivery.success) {
    const { record, destination } = delivery.output;
    return { recordId: record.id, destination, reason: null, lastFailure: null };
  }
  const deadLetter = v.safeParse(DeadLetterSchema, parsedJson.output);
  if (deadLetter.success) {
    const { record, destination, reason, lastFailure } = deadLetter.output;
    return { recordId: record.id, destination, reason, lastFailure };
  }
  const record = v.safeParse(RecordSchema, parsedJson.output);
  if (!record.success) return null;
  return { recordId: record.output.id, destination: null, reason: null, lastFailure: null };
}
