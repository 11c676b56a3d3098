import * as v from 'valibot';
import { RelayRecordSchema } from '../record/record.ts';

/**
 * A delivery that was given up, for a person to look at and to try again. `destination` is null when
 * no destination wanted the record at all.
 */
export const DeliveryDeadLetterSchema = v.object({
  record: RelayRecordSchema,
  destination: v.nullable(v.string()),
  reason: v.string(),
  /** The HTTP status of the last answer, where there was one. */
  status: v.nullable(v.number()),
  /** How many attempts were used up. */
  attempts: v.number(),
  firstAt: v.string(),
  lastAt: v.string(),
  /** The beginning of the last answer. */
  responseBody: v.nullable(v.string()),
});
export type DeliveryDeadLetter = v.InferOutput<typeof DeliveryDeadLetterSchema>;

/** A message that nobody could read, as it came. */
export const InvalidMessageDeadLetterSchema = v.object({
  reason: v.literal('unparsable'),
  issues: v.array(v.string()),
  /** The message's body. */
  body: v.string(),
  lastAt: v.string(),
});
export type InvalidMessageDeadLetter = v.InferOutput<typeof InvalidMessageDeadLetterSchema>;

/** Everything that fanOut itself puts on [dead-letters]; SQS's redrive adds raw records and retries. */
export const DeadLetterSchema = v.union([DeliveryDeadLetterSchema, InvalidMessageDeadLetterSchema]);
export type DeadLetter = v.InferOutput<typeof DeadLetterSchema>;
