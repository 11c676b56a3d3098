import { SendMessageCommand, type SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { SEND_DEADLINE_MS, SEND_TIMEOUTS } from './aws-timeouts.ts';
import { withDeadline } from './deadline.ts';

/**
 * Creates an SQS client for records and for destinations, with region and credentials from the
 * environment. It resolves its middleware once per kind of command instead of once per call: nothing here
 * adds middleware to a client that is in use.
 */
export function createSqsClient(): SQSClient {
  return new SQSClient({ ...SEND_TIMEOUTS, cacheMiddleware: true });
}

/** Sends one message with this body to a queue. Rejects unless SQS has accepted it. */
export type SendMessage = (messageBody: string) => Promise<void>;

/** Puts one message on a queue. Rejects unless SQS has accepted it within SEND_DEADLINE_MS. */
export async function sendMessage(
  client: SQSClient,
  input: SendMessageCommandInput,
): Promise<void> {
  await withDeadline(SEND_DEADLINE_MS, (abortSignal) =>
    client.send(new SendMessageCommand(input), { abortSignal }),
  );
}

/** Returns a `SendMessage` for one queue. */
export function createSender(client: SQSClient, queueUrl: string): SendMessage {
  return (messageBody) => sendMessage(client, { QueueUrl: queueUrl, MessageBody: messageBody });
}

/**
 * Sends one message with this body to a queue that many share fairly: the messages of one group wait
 * behind each other, and little behind those of another. Rejects unless SQS has accepted it.
 */
export type SendToGroup = (messageBody: string, groupId: string) => Promise<void>;

/** Returns a `SendToGroup` for one queue. */
export function createGroupSender(client: SQSClient, queueUrl: string): SendToGroup {
  return (messageBody, groupId) =>
    sendMessage(client, {
      QueueUrl: queueUrl,
      MessageBody: messageBody,
      MessageGroupId: groupId,
    });
}
