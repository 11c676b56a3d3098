import * as v from 'valibot';

const JsonSchema = v.pipe(v.string(), v.parseJson());
const text = v.fallback(v.nullish(v.string(), null), null);
const RecordMessageSchema = v.pipe(
  JsonSchema,
  v.object({
    id: v.string(),
    data: v.object({
      purpose: v.string(),
      distributionLabel: text,
      distribution: v.fallback(v.nullish(v.object({ id: text }), null), null),
    }),
  }),
);
const DeliveryMessageSchema = v.pipe(
  JsonSchema,
  v.object({ record: v.object({ id: v.string() }), destination: v.string() }),
);
const DeadLetterSchema = v.pipe(
  JsonSchema,
  v.object({
    record: v.object({ id: v.string() }),
    destination: v.nullable(v.string()),
    reason: v.string(),
  }),
);

// The console reads only what it shows. It does not validate whole records as fanOut does: it sees
// every message that the pipeline sends, and must not slow it down.

/** Reads the record in a message of [records]; null for anything else. */
export function parseRecordMessage(body: string): v.InferOutput<typeof RecordMessageSchema> | null {
  return parseWith(RecordMessageSchema, body);
}

/** Reads a message of the queue of a destination, with the destination's id; null for anything else. */
export function parseDeliveryMessage(
  body: string,
): v.InferOutput<typeof DeliveryMessageSchema> | null {
  return parseWith(DeliveryMessageSchema, body);
}

/** Reads a message of [dead-letters]; null for anything else. */
export function parseDeadLetterMessage(
  body: string,
): v.InferOutput<typeof DeadLetterSchema> | null {
  return parseWith(DeadLetterSchema, body);
}

function parseWith<Schema extends v.GenericSchema>(
  schema: Schema,
  body: string,
): v.InferOutput<Schema> | null {
  const result = v.safeParse(schema, body);
  return result.success ? result.output : null;
}
