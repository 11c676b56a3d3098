import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** The services that the commands of the plugin call, with the rights of whoever runs the command. */
export interface StackClients {
  readonly cloudWatch: CloudWatchClient;
  readonly dynamo: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
}

/** The settings that all clients have in common: osls makes them for one and for all. */
export type ClientSettings = Pick<
  SQSClientConfig,
  'credentials' | 'endpoint' | 'maxAttempts' | 'region' | 'requestHandler' | 'retryMode'
>;

/** Runs a task with clients, and closes their connections after it. */
export async function withStackClients<Value>(
  settings: ClientSettings,
  run: (clients: StackClients) => Promise<Value>,
): Promise<Value> {
  const clients: StackClients = {
    cloudWatch: new CloudWatchClient(settings),
    dynamo: new DynamoDBClient(settings),
    lambda: new LambdaClient(settings),
    // the endpoint of the developer's settings counts, which can be an emulator
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
  };
  try {
    return await run(clients);
  } finally {
    const { cloudWatch, dynamo, lambda, sqs } = clients;
    for (const client of [cloudWatch, dynamo, lambda, sqs]) client.destroy();
  }
}
