import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SEND_TIMEOUTS } from './aws-timeouts.ts';

/** An SQS client, for records and for destinations. */
export function createSqsClient(): SQSClient {
  return new SQSClient(SEND_TIMEOUTS);
}

/** Puts one message body on a queue. Rejects unless the queue has taken it. */
export type SendMessage = (messageBody: string) => Promise<void>;

/** A `SendMessage` for one queue. */
export function createSender(client: SQSClient, queueUrl: string): SendMessage {
  return async (messageBody) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: messageBody }));
  };
}

/** The longest that SQS hides a new message (API reference of SendMessage, DelaySeconds). */
export const MAX_DELAY_SECONDS = 900;

/** A `SendMessage` whose messages are not to be seen for a quarter of an hour. */
export function createDelayedSender(client: SQSClient, queueUrl: string): SendMessage {
  return async (messageBody) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: messageBody,
        DelaySeconds: MAX_DELAY_SECONDS,
      }),
    );
  };
}
