import { setTimeout } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { createDeliveryIndex } from '../../lib/deliveries/delivery-index.ts';
import { createIndexKeys } from '../../lib/deliveries/index-keys.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { createDestinations } from '../../lib/destinations/create-destinations.ts';
import { createFanOut } from '../../lib/fan-out/fan-out.ts';
import { createFanOutQueues } from '../../lib/fan-out/queues.ts';
import { FanOutSettingsSchema } from '../../lib/fan-out/settings.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { createDynamoDbClient } from '../../lib/platform/dynamodb.ts';
import { createSecretFetcher } from '../../lib/platform/secrets-manager.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../../lib/telemetry/create-telemetry.ts';
import { formatBatchLine } from './batch-log-line.ts';
import { destinations, TRACE_VARIABLE } from './destinations.ts';
import { scaleSchedule } from './scaled-schedule.ts';

// The entry of fanOut in a chaos run: functions/fan-out.ts with the destinations of the run and a scaled
// schedule.

const PositiveNumberSchema = v.pipe(v.string(), v.transform(Number), v.minValue(1));
const config = readConfig(
  v.intersect([
    FanOutSettingsSchema,
    TelemetrySettingsSchema,
    v.object({ SCHEDULE_DIVISOR: PositiveNumberSchema, DELIVERY_TIMEOUT_MS: PositiveNumberSchema }),
  ]),
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const sqs = createSqsClient();
const now = (): Date => new Date();
const table = {
  client: createDynamoDbClient(),
  tableName: config.DELIVERIES_TABLE,
  historyDays: config.HISTORY_DAYS,
  now,
  random: Math.random,
};
const wait = (ms: number, signal?: AbortSignal): Promise<unknown> =>
  setTimeout(ms, undefined, { signal });

const fanOut = withTelemetry(
  createFanOut({
    destinations: createDestinations(destinations, { environment: process.env, sqs }).map(
      (destination) => Object.assign(destination, { timeoutMs: config.DELIVERY_TIMEOUT_MS }),
    ),
    queues: createFanOutQueues(sqs, config),
    deliveries: createDeliveriesTable({ ...table, wait }),
    index: createDeliveryIndex({
      ...table,
      keys: createIndexKeys(config.INDEX_SECRET, createSecretFetcher, now),
      wait,
    }),
    schedule: scaleSchedule(config.SCHEDULE_DIVISOR),
    telemetry,
    now,
    random: Math.random,
    wait,
  }),
);

/** fanOut's handler. It logs the batch before it begins, because a killed invocation cannot do it later. */
export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  process.env[TRACE_VARIABLE] = context.awsRequestId;
  process.stdout.write(formatBatchLine(event));
  return fanOut(event, context);
}
