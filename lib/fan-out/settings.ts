import * as v from 'valibot';
import { RequiredTextSchema, RequiredUrlSchema } from '../platform/config.ts';

/** The environment variables of fanOut itself; its destinations have their own. */
export const FanOutSettingsSchema = v.object({
  RETRIES_QUEUE_URL: RequiredUrlSchema,
  DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
  LEDGER_TABLE: RequiredTextSchema,
});
export type FanOutSettings = v.InferOutput<typeof FanOutSettingsSchema>;
