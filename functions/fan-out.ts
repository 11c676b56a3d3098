import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import { createDeliveryIndex } from '../lib/deliveries/delivery-index.ts';
import { createIndexKeys } from '../lib/deliveries/index-keys.ts';
import { createDeliveriesTable } from '../lib/deliveries/deliveries-table.ts';
import { createFanOut } from '../lib/fan-out/fan-out.ts';
import { createFanOutQueues } from '../lib/fan-out/queues.ts';
import { RETRY_SCHEDULE } from '../lib/fan-out/retry-schedule.ts';
import { FanOutSettingsSchema } from '../lib/fan-out/settings.ts';
import { createDestinations } from '../lib/destinations/create-destinations.ts';
import { readConfig } from '../lib/platform/config.ts';
import { createDynamoDbClient } from '../lib/platform/dynamodb.ts';
import { createSecretFetcher } from '../lib/platform/secrets-manager.ts';
import { createSqsClient } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { destinations } from '#destinations';

const config = readConfig(
  v.intersect([FanOutSettingsSchema, TelemetrySettingsSchema]),
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

export const handler = withTelemetry(
  createFanOut({
    destinations: createDestinations(destinations, { environment: process.env, sqs }),
    queues: createFanOutQueues(sqs, config),
    deliveries: createDeliveriesTable({ ...table, wait }),
    index: createDeliveryIndex({
      ...table,
      keys: createIndexKeys(config.INDEX_SECRET, createSecretFetcher, now),
      wait,
    }),
    schedule: RETRY_SCHEDULE,
    telemetry,
    now,
    random: Math.random,
    wait,
  }),
);
