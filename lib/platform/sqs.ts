import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const CONNECT_LIMIT_MS = 1_000;
const REQUEST_LIMIT_MS = 2_000;
const ATTEMPTS = 2;

/**
 * An SQS client whose attempts together stay well under the sender's 10 seconds
 * (vendor facts, section 1): two attempts of at most 3 seconds.
 */
export function createSqsClient(): SQSClient {
  return new SQSClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

/** Puts one message body on a queue. Rejects unless the queue has taken it. */
export type SendMessage = (messageBody: string) => Promise<void>;

/** A `SendMessage` for one queue. */
export function sendTo(client: SQSClient, queueUrl: string): SendMessage {
  return async (messageBody) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: messageBody }));
  };
}

/** The longest that SQS hides a new message (API reference of SendMessage, DelaySeconds). */
export const LONGEST_DELAY_SECONDS = 900;

/** A `SendMessage` whose messages are not to be seen for a quarter of an hour. */
export function sendLaterTo(client: SQSClient, queueUrl: string): SendMessage {
  return async (messageBody) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: messageBody,
        DelaySeconds: LONGEST_DELAY_SECONDS,
      }),
    );
  };
}
