import { createSecretFetcher } from '#webhook-secret-store';
import * as v from 'valibot';
import { readConfig } from '../lib/platform/config.ts';
import { createGroupSender, createSender, createSqsClient } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { createSigningKeys } from '../lib/receive/signing-keys.ts';
import { createReceive } from '../lib/receive/receive.ts';
import {
  createSecretSource,
  ReceiveSettingsSchema,
  toWebhookOptions,
} from '../lib/receive/settings.ts';
import { createSenderIpCheck } from '../lib/receive/sender-ip-check.ts';
import { mappings } from '#mappings';

const config = readConfig(
  v.intersect([ReceiveSettingsSchema, TelemetrySettingsSchema]),
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const sqs = createSqsClient();
const now = (): Date => new Date();

export const handler = withTelemetry(
  createReceive({
    signingKeys: createSigningKeys({
      read: createSecretSource(config, createSecretFetcher),
      telemetry: telemetry,
      now,
    }),
    enqueueRecord: createGroupSender(sqs, config.RECORDS_QUEUE_URL),
    enqueueQuarantine: createSender(sqs, config.QUARANTINE_QUEUE_URL),
    senderIpCheck: createSenderIpCheck({
      mode: config.SENDER_IP_CHECK,
      region: config.SENDER_REGION,
      addresses: config.SENDER_ADDRESSES,
      trustedProxies: config.TRUSTED_PROXIES,
    }),
    normalise: toWebhookOptions(config, mappings),
    telemetry: telemetry,
    now,
  }),
);
