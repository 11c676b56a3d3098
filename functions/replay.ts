import * as v from 'valibot';
import { createQueues } from '../lib/fan-out/failure-queues.ts';
import { OptionalTextSchema, readConfig, RequiredUrlSchema } from '../lib/platform/config.ts';
import { createSqsClient, sendLaterTo, sendTo } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { createReplay } from '../lib/replay/replay.ts';
import { createSweptQueue } from '../lib/replay/sqs-queue.ts';
import { mappings } from './mappings.ts';

const config = readConfig(
  v.intersect([
    TelemetrySettingsSchema,
    v.object({
      RECORDS_QUEUE_URL: RequiredUrlSchema,
      RETRIES_QUEUE_URL: RequiredUrlSchema,
      QUARANTINE_QUEUE_URL: RequiredUrlSchema,
      DEAD_LETTERS_QUEUE_URL: RequiredUrlSchema,
      CURRENCY: OptionalTextSchema,
    }),
  ]),
  process.env,
);
const { journal, observe } = createTelemetry(config);
const sqs = createSqsClient();
const { sendRetry } = createQueues(sqs, config);

export const handler = observe(
  createReplay({
    quarantineQueue: createSweptQueue(sqs, config.QUARANTINE_QUEUE_URL),
    deadLettersQueue: createSweptQueue(sqs, config.DEAD_LETTERS_QUEUE_URL),
    queueRecord: sendTo(sqs, config.RECORDS_QUEUE_URL),
    queueRetry: (retry) => sendRetry(retry, 0),
    quarantineForLater: sendLaterTo(sqs, config.QUARANTINE_QUEUE_URL),
    reader: { currency: config.CURRENCY, mappings },
    journal,
    now: () => new Date(),
  }),
);
