import * as v from 'valibot';
import { createFanOut } from '../lib/fan-out/fan-out.ts';
import { createLedger } from '../lib/fan-out/idempotency.ts';
import { createQueues } from '../lib/fan-out/failure-queues.ts';
import { RETRY_SCHEDULE } from '../lib/fan-out/retry-schedule.ts';
import { FanOutSettingsSchema } from '../lib/fan-out/settings.ts';
import { readConfig } from '../lib/platform/config.ts';
import { createDynamoDbClient } from '../lib/platform/dynamodb.ts';
import { createSqsClient } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { createDestinations, SettingsSchema } from './destinations.ts';

const config = readConfig(
  v.intersect([FanOutSettingsSchema, TelemetrySettingsSchema, SettingsSchema]),
  process.env,
);
const { journal, observe } = createTelemetry(config);

export const handler = observe(
  createFanOut({
    ...createQueues(createSqsClient(), config),
    ledger: createLedger(createDynamoDbClient(), config.LEDGER_TABLE, journal),
    destinations: createDestinations(config),
    schedule: RETRY_SCHEDULE,
    journal,
    now: () => new Date(),
    random: Math.random,
  }),
);
