import * as v from 'valibot';
import { RequiredStringSchema, RequiredUrlSchema } from '../platform/config.ts';
import { NormaliseSettingsSchema } from '../receive/settings.ts';

/** The environment variables of the function operator. */
export const OperatorSettingsSchema = v.object({
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  /** The URL of the destinations' queues, without the id of the destination at its end. */
  DESTINATION_QUEUES_URL: RequiredUrlSchema,
  QUARANTINE_QUEUE_URL: RequiredUrlSchema,
  DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
  DELIVERIES_TABLE: RequiredStringSchema,
  /** The secret with the keys of the index rows. */
  INDEX_SECRET: RequiredStringSchema,
  ...NormaliseSettingsSchema.entries,
});
