import * as v from 'valibot';
import { DeliveriesSettingsSchema } from '../deliveries/settings.ts';
import { RequiredUrlSchema } from '../platform/config.ts';

/** The environment variables of fanOut itself; destinations have their own. */
export const FanOutSettingsSchema = v.object({
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  /** The URL of the destinations' queues, without the id of the destination at its end. */
  DESTINATION_QUEUES_URL: RequiredUrlSchema,
  DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
  ...DeliveriesSettingsSchema.entries,
});
export type FanOutSettings = v.InferOutput<typeof FanOutSettingsSchema>;
