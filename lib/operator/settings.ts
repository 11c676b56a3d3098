import * as v from 'valibot';
import { RequiredUrlSchema } from '../platform/config.ts';
import { NormaliseSettingsSchema } from '../receive/settings.ts';

/** The environment variables of replay. */
export const ReplaySettingsSchema = v.object({
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  /** The URL of the destinations' queues, without the id of the destination at its end. */
  DESTINATION_QUEUES_URL: RequiredUrlSchema,
  QUARANTINE_QUEUE_URL: RequiredUrlSchema,
  DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
  ...NormaliseSettingsSchema.entries,
});
