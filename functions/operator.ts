import * as v from 'valibot';
import { createDeliverySender } from '../lib/fan-out/queues.ts';
import { readConfig } from '../lib/platform/config.ts';
import { createDelayedSender, createGroupSender, createSqsClient } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { toWebhookOptions } from '../lib/receive/settings.ts';
import { createReplay } from '../lib/operator/replay.ts';
import { ReplaySettingsSchema } from '../lib/operator/settings.ts';
import { createSqsQueue } from '../lib/operator/sqs-queue.ts';
import { mappings } from '#mappings';

const config = readConfig(
  v.intersect([TelemetrySettingsSchema, ReplaySettingsSchema]),
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const sqs = createSqsClient();

export const handler = withTelemetry(
  createReplay({
    quarantineQueue: createSqsQueue(sqs, config.QUARANTINE_QUEUE_URL),
    deadLettersQueue: createSqsQueue(sqs, config.DEAD_LETTERS_QUEUE_URL),
    enqueueRecord: createGroupSender(sqs, config.RECORDS_QUEUE_URL),
    enqueueDelivery: createDeliverySender(sqs, config),
    requeueQuarantine: createDelayedSender(sqs, config.QUARANTINE_QUEUE_URL),
    normalise: toWebhookOptions(config, mappings),
    telemetry,
    now: () => new Date(),
  }),
);
