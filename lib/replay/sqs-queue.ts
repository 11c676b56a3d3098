import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DrainableQueue } from './drain-queue.ts';

/** As many as one call gives. */
const RECEIVE_BATCH_SIZE = 10;
/** For the first message to come. Well under the client's time limit, which a long poll must not meet. */
const WAIT_SECONDS = 1;
/** Longer than Lambda lets a run last, so that a run does not meet a message twice. */
const VISIBILITY_TIMEOUT_SECONDS = 930;

/** A queue on SQS to go through. What a run that dies holds comes back after a quarter of an hour. */
export function createSqsQueue(sqs: SQSClient, queueUrl: string): DrainableQueue {
  return {
    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: RECEIVE_BATCH_SIZE,
          VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
        }),
      );
      return Messages.flatMap(({ Body, ReceiptHandle }) =>
        Body === undefined || ReceiptHandle === undefined
          ? []
          : [{ body: Body, handle: ReceiptHandle }],
      );
    },
    async delete({ handle }) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: handle }));
    },
    async release({ handle }) {
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
