import * as v from 'valibot';
import { createFailureQueues } from '../lib/fan-out/failure-queues.ts';
import { readConfig } from '../lib/platform/config.ts';
import { createSqsClient, createDelayedSender, createSender } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { toWebhookOptions } from '../lib/receive/settings.ts';
import { createReplay } from '../lib/replay/replay.ts';
import { ReplaySettingsSchema } from '../lib/replay/settings.ts';
import { createSqsQueue } from '../lib/replay/sqs-queue.ts';
import { mappings } from '#mappings';

const config = readConfig(
  v.intersect([TelemetrySettingsSchema, ReplaySettingsSchema]),
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const sqs = createSqsClient();
const { sendRetry } = createFailureQueues(sqs, config);

export const handler = withTelemetry(
  createReplay({
    quarantineQueue: createSqsQueue(sqs, config.QUARANTINE_QUEUE_URL),
    deadLettersQueue: createSqsQueue(sqs, config.DEAD_LETTERS_QUEUE_URL),
    enqueueRecord: createSender(sqs, config.RECORDS_QUEUE_URL),
    enqueueRetry: (retry) => sendRetry(retry, 0),
    requeueQuarantine: createDelayedSender(sqs, config.QUARANTINE_QUEUE_URL),
    normalise: toWebhookOptions(config, mappings),
    telemetry: telemetry,
    now: () => new Date(),
  }),
);
