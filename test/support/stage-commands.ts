import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { StageSettingsSchema } from '../../lib/operator/settings.ts';
import { createStageCommands, type StageCommands } from '../../lib/operator/stage-commands.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { requireString } from '../../lib/platform/fetch-secret.ts';
import { LOCAL_CLIENT } from './aws.ts';

/** The topic of the alarms of these tests. */
export const TOPIC_ARN = 'arn:aws:sns:eu-west-1:000000000000:relay-prod-alarms';
/** The function receive of these tests. */
export const RECEIVE_FUNCTION = 'relay-prod-receive';

/** Returns the variables of the function, for a stage whose queues are at this address. */
export function stageVariables(queuesUrl: string): Record<string, string> {
  const queue = (name: string): string => `${queuesUrl}/relay-prod-${name}`;
  return {
    POWERTOOLS_SERVICE_NAME: 'relay-prod',
    POWERTOOLS_METRICS_NAMESPACE: 'Relay',
    RECORDS_QUEUE_URL: queue('records'),
    QUARANTINE_QUEUE_URL: queue('quarantine'),
    DEAD_LETTERS_QUEUE_URL: queue('dead-letters'),
    DESTINATION_QUEUES_URL: queue('to-'),
    CONSUMERS_QUEUE_URL: queue('consumers'),
    CONSUMERS_DEAD_LETTERS_QUEUE_URL: queue('consumers-dead-letters'),
    DELIVERIES_TABLE: 'deliveries',
    INDEX_SECRET: 'relay/index-key',
    WEBHOOK_SECRET_NAME: 'relay/webhook',
    ALARM_TOPIC_ARN: TOPIC_ARN,
    ALARMS: 'mail',
    RECEIVE_FUNCTION,
    CONCURRENCY_NEEDED: '200',
  };
}

/** The commands, and how to close their clients. */
export interface OpenStageCommands extends StageCommands {
  readonly close: () => void;
}

/** Creates the commands over the emulators, and the APIs that these do not have. */
export function openStageCommands(
  variables: Record<string, string>,
  endpoint: string,
  {
    sqs,
    dynamo,
    now,
    wait = async () => {},
  }: {
    readonly sqs: SQSClient;
    readonly dynamo: DynamoDBClient;
    readonly now: () => Date;
    readonly wait?: (ms: number) => Promise<unknown>;
  },
): OpenStageCommands {
  const settings = { ...LOCAL_CLIENT, endpoint, maxAttempts: 1 };
  const cloudWatch = new CloudWatchClient(settings);
  const lambda = new LambdaClient(settings);
  const sns = new SNSClient(settings);
  const secrets = new SecretsManagerClient(settings);
  const createFetcher = () => async (name: string) => {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
    return requireString(SecretString);
  };
  let tokens = 0;
  const commands = createStageCommands(readConfig(StageSettingsSchema, variables), {
    sqs,
    sns,
    dynamo,
    cloudWatch,
    lambda,
    createWebhookSecretFetcher: createFetcher,
    createIndexKeyFetcher: createFetcher,
    createToken() {
      tokens += 1;
      return String(tokens).padStart(32, '0');
    },
    now,
    wait,
  });
  return {
    ...commands,
    close() {
      for (const client of [cloudWatch, lambda, sns, secrets]) client.destroy();
    },
  };
}
