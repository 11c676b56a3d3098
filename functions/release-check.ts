import { fromEnv } from '@aws-sdk/credential-provider-env';
import { createSecretFetcher } from '#webhook-secret-store';
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { createHookReporter } from '../lib/platform/codedeploy.ts';
import { readConfig } from '../lib/platform/config.ts';
import { createLambdaClient } from '../lib/platform/lambda.ts';
import { createSecretSource } from '../lib/receive/settings.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { createReleaseHook, ReleaseSettingsSchema } from '../lib/operator/release-hook.ts';
import { createInvoker } from '../lib/operator/send-webhook.ts';
import { chooseSenderIp } from '../lib/operator/test-webhook.ts';

const config = readConfig(
  v.intersect([TelemetrySettingsSchema, ReleaseSettingsSchema]),
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const now = (): Date => new Date();

export const handler = withTelemetry(
  createReleaseHook({
    send: createInvoker(
      createLambdaClient(),
      config.RECEIVE_VERSION,
      chooseSenderIp(config.SENDER_REGION, config.SENDER_ADDRESSES),
    ),
    readWebhookSecret: createSecretSource(config, createSecretFetcher),
    report: createHookReporter({
      endpoint: config.CODEDEPLOY_ENDPOINT,
      region: config.AWS_REGION ?? '',
      getCredentials: fromEnv(),
      now,
    }),
    telemetry,
    createId: () => `whs_${randomBytes(16).toString('hex')}`,
    now,
  }),
);
