import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createIndexKeys } from '../deliveries/index-keys.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';
import { createSecretSource } from '../receive/settings.ts';
import { createCheck, type CheckReport, type CheckRequest } from './check.ts';
import { createInvoker, createPoster, type SendWebhook } from './send-webhook.ts';
import type { StageSettings } from './settings.ts';
import { createStatus, type StatusReport, type StatusRequest } from './status.ts';
import { chooseSenderIp } from './test-webhook.ts';

/** The dependencies of `createStageCommands`. */
export interface StageCommandsDeps {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamo: DynamoDBClient;
  /** Not used in the stage local. */
  readonly cloudWatch: CloudWatchClient;
  readonly lambda: LambdaClient;
  /** Opens the store of the webhook secret, and that of the index key. */
  readonly createWebhookSecretFetcher: () => FetchSecret;
  readonly createIndexKeyFetcher: () => FetchSecret;
  /** Returns 32 random hexadecimal digits. */
  readonly createToken: () => string;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** The commands that read how a stage is. */
export interface StageCommands {
  readonly status: (request: StatusRequest) => Promise<StatusReport>;
  readonly check: (request: CheckRequest) => Promise<CheckReport>;
}

/** Creates `status` and `check` from the settings of the function. */
export function createStageCommands(
  settings: StageSettings,
  deps: StageCommandsDeps,
): StageCommands {
  const { sqs, sns, dynamo, now, wait, createToken } = deps;
  const { RECEIVE_FUNCTION: receive, WEBHOOK_ENDPOINT: endpoint } = settings;
  const common = {
    dynamo,
    now,
    tableName: settings.DELIVERIES_TABLE,
    alarmTopicArn: settings.ALARM_TOPIC_ARN,
  };
  return {
    status: createStatus({
      ...common,
      sqs,
      cloudWatch: receive === null ? null : deps.cloudWatch,
      queueUrls: {
        records: settings.RECORDS_QUEUE_URL,
        quarantine: settings.QUARANTINE_QUEUE_URL,
        'dead-letters': settings.DEAD_LETTERS_QUEUE_URL,
        consumers: settings.CONSUMERS_QUEUE_URL,
        'consumers-dead-letters': settings.CONSUMERS_DEAD_LETTERS_QUEUE_URL,
      },
      destinationQueuesUrl: settings.DESTINATION_QUEUES_URL,
      namespace: settings.POWERTOOLS_METRICS_NAMESPACE,
      service: settings.POWERTOOLS_SERVICE_NAME,
    }),
    check: createCheck({
      ...common,
      sns,
      lambda: receive === null ? null : deps.lambda,
      areAlarmsOff: settings.ALARMS === 'none',
      neededConcurrency: settings.CONCURRENCY_NEEDED,
      readWebhookSecret: createSecretSource(settings, deps.createWebhookSecretFetcher),
      createIndexKeys: () =>
        createIndexKeys(settings.INDEX_SECRET, deps.createIndexKeyFetcher, now),
      endpoint,
      sendWebhook: createSendWebhook(settings, deps.lambda),
      createToken,
      wait,
    }),
  };
}

function createSendWebhook(
  { RECEIVE_FUNCTION, WEBHOOK_ENDPOINT, SENDER_REGION, SENDER_ADDRESSES }: StageSettings,
  lambda: LambdaClient,
): SendWebhook | null {
  if (RECEIVE_FUNCTION !== null) {
    return createInvoker(lambda, RECEIVE_FUNCTION, chooseSenderIp(SENDER_REGION, SENDER_ADDRESSES));
  }
  return WEBHOOK_ENDPOINT === null ? null : createPoster(WEBHOOK_ENDPOINT);
}
