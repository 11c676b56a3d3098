import { DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { startAwsEmulators } from '../../lib/local/emulator/aws-emulators.ts';
import { createDeliveriesTable } from './deliveries-table.ts';

/** The settings of every client of the emulators. */
export const LOCAL_CLIENT = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** The emulators, with clients for them. */
export type Aws = Awaited<ReturnType<typeof startAws>>;

/** Starts the emulators, without any resource. */
export async function startAws() {
  const emulators = await startAwsEmulators();
  const sqs = new SQSClient({ ...LOCAL_CLIENT, endpoint: emulators.sqsEndpoint });
  const dynamo = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: emulators.dynamoEndpoint });

  return {
    ...emulators,
    sqs,
    dynamo,

    /** Creates a queue and returns its URL. */
    async createQueue(name: string, Attributes: { [name: string]: string } = {}): Promise<string> {
      await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      return `${emulators.sqsEndpoint}/000000000000/${name}`;
    },

    /** Creates a table with the key of the deliveries table. */
    async createTable(name: string): Promise<void> {
      await createDeliveriesTable(dynamo, name);
    },

    /** Returns all items of a table. */
    async scan(table: string): Promise<{ [name: string]: AttributeValue }[]> {
      const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table }));
      return Items;
    },

    /** Receives up to ten visible messages of a queue, which hides them for its visibility timeout. */
    async receive(url: string, MaxNumberOfMessages = 10): Promise<Message[]> {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return Messages;
    },

    /** Receives and deletes every visible message of a queue. */
    async drain(url: string): Promise<Message[]> {
      const messages = await this.receive(url);
      for (const { ReceiptHandle } of messages) {
        await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      }
      return messages.length === 0 ? [] : [...messages, ...(await this.drain(url))];
    },

    async stop(): Promise<void> {
      sqs.destroy();
      dynamo.destroy();
      await emulators.stop();
    },
  };
}
