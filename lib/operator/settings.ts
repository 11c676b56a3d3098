import * as v from 'valibot';
import { DeliveriesSettingsSchema } from '../deliveries/settings.ts';
import {
  OptionalStringSchema,
  RequiredStringSchema,
  RequiredUrlSchema,
  stringWithDefault,
} from '../platform/config.ts';
import { NormaliseSettingsSchema, ReceiveVariablesSchema } from '../receive/settings.ts';
import { TelemetrySettingsSchema } from '../telemetry/create-telemetry.ts';

const { WEBHOOK_SECRET, WEBHOOK_SECRET_NAME, SENDER_REGION, SENDER_ADDRESSES } =
  ReceiveVariablesSchema.entries;

/** The environment variables that status and check read. */
export const StageSettingsSchema = v.object({
  // the alarms of the stage begin with the service of its metrics
  ...TelemetrySettingsSchema.entries,
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  QUARANTINE_QUEUE_URL: RequiredUrlSchema,
  DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
  DESTINATION_QUEUES_URL: RequiredUrlSchema,
  CONSUMERS_QUEUE_URL: RequiredUrlSchema,
  CONSUMERS_DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
  ...DeliveriesSettingsSchema.entries,
  ALARM_TOPIC_ARN: RequiredStringSchema,
  /** `none`: nobody has to be notified of alarms. */
  ALARMS: v.pipe(
    stringWithDefault('mail'),
    v.picklist(['mail', 'none'], 'is neither mail nor none'),
  ),
  /** The name of receive. Empty in the stage local, which has neither the Lambda API nor CloudWatch. */
  RECEIVE_FUNCTION: OptionalStringSchema,
  /** The public URL of the endpoint; in the stage local that of the running `npm start`, or empty. */
  WEBHOOK_ENDPOINT: OptionalStringSchema,
  /** What the concurrency caps need of what no function of the account has reserved: packaging adds it up. */
  CONCURRENCY_NEEDED: v.pipe(
    stringWithDefault('0'),
    v.regex(/^\d{1,6}$/, 'is not a whole number'),
    v.transform(Number),
  ),
  WEBHOOK_SECRET,
  WEBHOOK_SECRET_NAME,
  SENDER_REGION,
  SENDER_ADDRESSES,
});
export type StageSettings = v.InferOutput<typeof StageSettingsSchema>;

/** The environment variables of the function operator. */
export const OperatorSettingsSchema = v.object({
  ...StageSettingsSchema.entries,
  ...NormaliseSettingsSchema.entries,
  /** The secret with keys of Voucherify's API; empty in the stage local. */
  VOUCHERIFY_API_SECRET_NAME: OptionalStringSchema,
});
