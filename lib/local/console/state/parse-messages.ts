import * as v from 'valibot';

const JsonSchema = v.pipe(v.string(), v.parseJson());
const RecordSchema = v.pipe(
  JsonSchema,
  v.object({ id: v.string(), data: v.object({ purpose: v.string() }) }),
);
const RetrySchema = v.pipe(
  JsonSchema,
  v.object({
    record: v.object({ id: v.string() }),
    destination: v.string(),
    attempt: v.number(),
    notBefore: v.pipe(v.string(), v.transform(Date.parse)),
    lastFailure: v.object({ reason: v.string() }),
  }),
);
const DeadLetterSchema = v.pipe(
  JsonSchema,
  v.object({
    record: v.object({ id: v.string() }),
    destination: v.nullable(v.string()),
    reason: v.string(),
  }),
);

/** The record in a message of [records]; null in anything else. */
export function parseRecordMessage(body: string): v.InferOutput<typeof RecordSchema> | null {
  return parseWith(RecordSchema, body);
}

/** The delivery in a message of [retries]. `notBefore` is in milliseconds since 1970. */
export function parseRetryMessage(body: string): v.InferOutput<typeof RetrySchema> | null {
  return parseWith(RetrySchema, body);
}

/** The delivery in a message of [dead-letters]. */
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
