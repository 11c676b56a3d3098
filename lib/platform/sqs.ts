import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SEND_TIMEOUTS } from './aws-timeouts.ts';

/**
 * An SQS client for the queues of the flow and for destinations. It resolves its middleware once per kind
 * of command instead of once per call: nothing here adds middleware to a client that is in use.
 */
export function createSqsClient(): SQSClient {
  return new SQSClient({ ...SEND_TIMEOUTS, cacheMiddleware: true });
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
