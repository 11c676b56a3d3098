import { setTimeout as wait } from 'node:timers/promises';
import * as v from 'valibot';
import { createFanOut } from '../lib/fan-out/fan-out.ts';
import { createDeliveriesTable } from '../lib/deliveries/deliveries-table.ts';
import { createFailureQueues } from '../lib/fan-out/failure-queues.ts';
import { RETRY_SCHEDULE } from '../lib/fan-out/retry-schedule.ts';
import { FanOutSettingsSchema } from '../lib/fan-out/settings.ts';
import { readPartialConfig } from '../lib/platform/config.ts';
import { createDynamoDbClient } from '../lib/platform/dynamodb.ts';
import { createSqsClient } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { createDestinations, SettingsSchema } from '#destinations';

const config = readPartialConfig(
  v.intersect([FanOutSettingsSchema, TelemetrySettingsSchema]),
  SettingsSchema,
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const now = (): Date => new Date();

export const handler = withTelemetry(
  createFanOut({
    ...createFailureQueues(createSqsClient(), config),
    deliveries: createDeliveriesTable({
      client: createDynamoDbClient(),
      tableName: config.DELIVERIES_TABLE,
      now,
      random: Math.random,
      wait,
    }),
    destinations: createDestinations(config),
    schedule: RETRY_SCHEDULE,
    telemetry: telemetry,
    now,
    random: Math.random,
  }),
);
