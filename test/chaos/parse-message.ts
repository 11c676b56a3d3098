import * as v from 'valibot';

/** What a queue message is about: a record by itself, or one delivery of it. */
export interface ParsedMessage {
  readonly recordId: string;
  /** The destination's name; null when the message is a record by itself. */
  readonly destination: string | null;
  /** Why it is a dead letter, or waits; null when the message is a record by itself. */
  readonly reason: string | null;
  /** It is a delivery that waits for its next attempt. */
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

/** Reads a message of [records], [retries], [dead-letters] or [quarantine]; null for any other. */
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
