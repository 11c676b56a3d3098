import { createSecretReader } from '#webhook-secret-store';
import * as v from 'valibot';
import { readConfig } from '../lib/platform/config.ts';
import { createSqsClient, sendTo } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { createWebhookKeys } from '../lib/receive/signing-keys.ts';
import { createReceive } from '../lib/receive/receive.ts';
import { ReceiveSettingsSchema, webhookSecretReader } from '../lib/receive/settings.ts';
import { mappings } from './mappings.ts';

const config = readConfig(
  v.intersect([ReceiveSettingsSchema, TelemetrySettingsSchema]),
  process.env,
);
const { journal, observe } = createTelemetry(config);
const sqs = createSqsClient();
const now = (): Date => new Date();

export const handler = observe(
  createReceive({
    signingKeys: createWebhookKeys({
      read: webhookSecretReader(config, createSecretReader),
      journal,
      now,
    }),
    queueRecord: sendTo(sqs, config.RECORDS_QUEUE_URL),
    quarantine: sendTo(sqs, config.QUARANTINE_QUEUE_URL),
    sender: { region: config.SENDER_REGION, elsewhere: config.SENDER_ADDRESSES },
    reader: { currency: config.CURRENCY, mappings },
    journal,
    now,
  }),
);
