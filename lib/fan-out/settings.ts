import * as v from 'valibot';
import { MIN_HISTORY_DAYS } from '../deliveries/row.ts';
import { RequiredStringSchema, RequiredUrlSchema, stringWithDefault } from '../platform/config.ts';

/** The environment variables of fanOut itself; destinations have their own. */
export const FanOutSettingsSchema = v.object({
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  /** The URL of the destinations' queues, without the id of the destination at its end. */
  DESTINATION_QUEUES_URL: RequiredUrlSchema,
  DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
  DELIVERIES_TABLE: RequiredStringSchema,
  /** The secret with the key of index rows: its name or ARN; in the stage local the key itself. */
  INDEX_SECRET: RequiredStringSchema,
  /** How many days the row of a delivery is kept after it was written last. */
  HISTORY_DAYS: v.pipe(
    stringWithDefault('90'),
    v.regex(/^\d{1,4}$/, 'is not a whole number of days'),
    v.transform(Number),
    v.minValue(
      MIN_HISTORY_DAYS,
      `is below ${MIN_HISTORY_DAYS}: a row must outlast the time in which a repeat is a duplicate`,
    ),
  ),
});
export type FanOutSettings = v.InferOutput<typeof FanOutSettingsSchema>;
