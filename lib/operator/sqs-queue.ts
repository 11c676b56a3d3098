import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DrainableQueue } from './drain-queue.ts';

/** As many as one call gives. */
const RECEIVE_BATCH_SIZE = 10;
/** A long poll, well under the timeout of the SQS client. */
const WAIT_SECONDS = 1;
/** Longer than a run can last (Lambda's 15 minutes), so that it receives no message twice. */
const VISIBILITY_TIMEOUT_SECONDS = 930;

/** Creates a drainable queue on SQS. The messages of a run that crashed become visible after 930 s. */
export function createSqsQueue(sqs: SQSClient, queueUrl: string): DrainableQueue {
  return {
    async receiveMessages() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: RECEIVE_BATCH_SIZE,
          MessageSystemAttributeNames: ['SentTimestamp'],
          VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
        }),
      );
      return Messages.flatMap(({ Body, ReceiptHandle, Attributes }) =>
        Body === undefined || ReceiptHandle === undefined
          ? []
          : [{ body: Body, handle: ReceiptHandle, sentAt: toSentAt(Attributes) }],
      );
    },
    async deleteMessage({ handle }) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: handle }));
    },
    async releaseMessage({ handle }) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: handle,
          VisibilityTimeout: 0,
        }),
      );
    },
  };
}

/** SQS gives the time in milliseconds since 1970 (API reference of ReceiveMessage, SentTimestamp). */
function toSentAt(attributes: Message['Attributes']): Date {
  return new Date(Number(attributes?.SentTimestamp ?? 0));
}
