import { createSecretFetcher as createWebhookSecretFetcher } from '#webhook-secret-store';
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import { createDeliverySender } from '../lib/fan-out/queues.ts';
import { createIndexAddition } from '../lib/deliveries/delivery-index.ts';
import { createIndexKeys } from '../lib/deliveries/index-keys.ts';
import { createCloudWatchClient } from '../lib/platform/cloudwatch.ts';
import { readConfig } from '../lib/platform/config.ts';
import { createDynamoDbClient } from '../lib/platform/dynamodb.ts';
import { createLambdaClient } from '../lib/platform/lambda.ts';
import { createSecretFetcher } from '../lib/platform/secrets-manager.ts';
import { createSnsClient } from '../lib/platform/sns.ts';
import { createGroupSender, createSqsClient } from '../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../lib/telemetry/create-telemetry.ts';
import { toWebhookOptions } from '../lib/receive/settings.ts';
import { createErase } from '../lib/operator/erase.ts';
import { createDeliveryFinder } from '../lib/operator/find-deliveries.ts';
import { createOperator } from '../lib/operator/operator.ts';
import { createRelease } from '../lib/operator/release.ts';
import { OperatorSettingsSchema } from '../lib/operator/settings.ts';
import { createSqsQueue } from '../lib/operator/sqs-queue.ts';
import { createStageCommands } from '../lib/operator/stage-commands.ts';
import { createDailyReconcile } from '../lib/reconcile/daily.ts';
import { createHistory } from '../lib/reconcile/history.ts';
import { createReconcile } from '../lib/reconcile/reconcile.ts';
import { mappings } from '#mappings';

const config = readConfig(
  v.intersect([TelemetrySettingsSchema, OperatorSettingsSchema]),
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const sqs = createSqsClient();
const now = (): Date => new Date();
const dynamo = createDynamoDbClient();
const table = {
  client: dynamo,
  tableName: config.DELIVERIES_TABLE,
  keys: createIndexKeys(config.INDEX_SECRET, createSecretFetcher, now),
  historyDays: config.HISTORY_DAYS,
  now,
};

const queues = {
  quarantine: createSqsQueue(sqs, config.QUARANTINE_QUEUE_URL),
  'dead-letters': createSqsQueue(sqs, config.DEAD_LETTERS_QUEUE_URL),
};
const fetchSecret = createSecretFetcher();
const reconcile = createReconcile({
  readCredentials: () => fetchSecret(config.VOUCHERIFY_API_SECRET_NAME ?? ''),
  history: createHistory(table),
  historyDays: config.HISTORY_DAYS,
  receiveQuarantined: () => queues.quarantine.receiveMessages(),
  endpoint: config.WEBHOOK_ENDPOINT,
  now,
  wait: setTimeout,
});

export const handler = withTelemetry(
  createOperator({
    queues,
    enqueueRecord: createGroupSender(sqs, config.RECORDS_QUEUE_URL),
    enqueueDelivery: createDeliverySender(sqs, config),
    indexDelivery: createIndexAddition(table),
    normalise: toWebhookOptions(config, mappings),
    finder: createDeliveryFinder(table),
    release: createRelease(table),
    erase: createErase(table),
    stage: createStageCommands(config, {
      sqs,
      sns: createSnsClient(),
      dynamo,
      cloudWatch: createCloudWatchClient(),
      lambda: createLambdaClient(),
      createWebhookSecretFetcher,
      createIndexKeyFetcher: createSecretFetcher,
      createToken: () => randomBytes(16).toString('hex'),
      now,
      wait: setTimeout,
    }),
    reconcile,
    reconcileDaily: createDailyReconcile({
      reconcile,
      unhide: (handles) => queues.quarantine.unhide(handles),
      telemetry,
      now,
      wait: setTimeout,
    }),
    telemetry,
    now,
  }),
);
