import * as v from 'valibot';

/** The content of a queue message: a record, or one delivery of a record. */
export interface ParsedMessage {
  readonly recordId: string;
  /** The destination's name; null when the message is a record. */
  readonly destination: string | null;
  /** Why it is a dead letter or a retry; null when the message is a record. */
  readonly reason: string | null;
  /** Whether it is a delivery that waits for its next attempt. */
  readonly isRetry: boolean;
}

const DeliverySchema = v.object({
  record: v.object({ id: v.string() }),
  destination: v.nullable(v.string()),
  reason: v.string(),
  notBefore: v.optional(v.string()),
});
const RecordSchema = v.object({ id: v.string() });
const JsonSchema = v.pipe(v.string(), v.parseJson());

/** Parses a message of [records], [retries], [dead-letters] or [quarantine]; null for any other. */
export function parseMessage(body: string): ParsedMessage | null {
  const parsedJson = v.safeParse(JsonSchema, body);
  if (!parsedJson.success) return null;
  const delivery = v.safeParse(DeliverySchema, parsedJson.output);
  if (delivery.success) {
    const { record, destination, reason, notBefore } = delivery.output;
    return { recordId: record.id, destination, reason, isRetry: notBefore !== undefined };
  }
  const record = v.safeParse(RecordSchema, parsedJson.output);
  if (!record.success) return null;
  return { recordId: record.output.id, destination: null, reason: null, isRetry: false };
}
