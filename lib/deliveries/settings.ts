import * as v from 'valibot';
import { RequiredStringSchema, stringWithDefault } from '../platform/config.ts';
import { MIN_HISTORY_DAYS } from './row.ts';

/** The environment variables of the deliveries table. */
export const DeliveriesSettingsSchema = v.object({
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
