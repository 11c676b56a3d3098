import * as v from 'valibot';
import { OptionalTextSchema, readConfig, RequiredUrlSchema } from '../lib/platform/config.ts';
import { createLogger, createLogJournal } from '../lib/platform/journal.ts';
import { createSqsClient, sendTo } from '../lib/platform/sqs.ts';
import { createWebhookKeys } from '../lib/platform/webhook-keys.ts';
import { createReceive } from '../lib/receive/receive.ts';
import { mappings } from './mappings.ts';

const config = readConfig(
  v.object({
    RECORDS_QUEUE_URL: RequiredUrlSchema,
    QUARANTINE_QUEUE_URL: RequiredUrlSchema,
    WEBHOOK_SECRET: OptionalTextSchema,
    WEBHOOK_SECRET_NAME: OptionalTextSchema,
    CURRENCY: OptionalTextSchema,
  }),
  process.env,
);
const sqs = createSqsClient();

export const handler = createReceive({
  signingKeys: createWebhookKeys({
    text: config.WEBHOOK_SECRET,
    secretName: config.WEBHOOK_SECRET_NAME,
  }),
  queueRecord: sendTo(sqs, config.RECORDS_QUEUE_URL),
  quarantine: sendTo(sqs, config.QUARANTINE_QUEUE_URL),
  reader: { currency: config.CURRENCY, mappings },
  journal: createLogJournal(createLogger()),
  now: () => new Date(),
});
