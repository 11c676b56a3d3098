import * as v from 'valibot';
import { RelayRecordSchema } from '../record/record.ts';

const TimeSchema = v.pipe(v.string(), v.isoTimestamp());

/** One delivery that waits on [retries] for its next attempt. */
export const RetryMessageSchema = v.object({
  record: RelayRecordSchema,
  /** The destination's name. */
  destination: v.string(),
  /** The number of the attempt that this message asks for: 1 when none was used up yet. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  firstAt: TimeSchema,
  /** When it was last tried, or was held back. */
  lastAt: v.exactOptional(TimeSchema),
  notBefore: TimeSchema,
  /** Why the last attempt did not get through, and its status where there was one. */
  reason: v.string(),
  status: v.exactOptional(v.nullable(v.number())),
});
export type RetryMessage = v.InferOutput<typeof RetryMessageSchema>;
