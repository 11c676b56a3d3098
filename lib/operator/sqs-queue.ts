import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { mapLimited } from '../fan-out/map-limited.ts';
import { SEND_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import { splitEvery } from '../split-every.ts';
import { HIDDEN_MINUTES, RECEIVE_BATCH_SIZE, type ScannedQueue, toCause } from './scan-queue.ts';

/** A queue whose messages an operator moves. */
export interface OperatorQueue extends ScannedQueue {
  /**
   * Makes messages visible at once. What was deleted meanwhile, or is visible already, counts as not done.
   * @returns how many of them SQS has made visible. Never rejects
   */
  readonly unhide: (handles: readonly string[]) => Promise<number>;
  /** How many messages are hidden, as SQS counts them: a minute late at times. Null when it cannot be read. */
  readonly countHidden: () => Promise<number | null>;
}

/** A long poll, well under the timeout of the SQS client. */
const WAIT_SECONDS = 1;
/** API reference of ChangeMessageVisibilityBatch. */
const MAX_BATCH_ENTRIES = 10;
const UNHIDE_CALLS_AT_ONCE = 16;

/**
 * Creates an operator's queue on SQS. The messages of a run that crashed become visible after 30 minutes.
 * @param waitSeconds how long a receive waits for a message; a short poll may miss some of those that are there
 */
export function createSqsQueue(
  sqs: SQSClient,
  queueUrl: string,
  waitSeconds: number = WAIT_SECONDS,
): OperatorQueue {
  return {
    async receiveMessages() {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: RECEIVE_BATCH_SIZE,
        MessageSystemAttributeNames: ['SentTimestamp'],
        VisibilityTimeout: HIDDEN_MINUTES * 60,
        WaitTimeSeconds: waitSeconds,
      });
      const { Messages = [] } = await withDeadline(SEND_DEADLINE_MS, (abortSignal) =>
        sqs.send(command, { abortSignal }),
      );
      return Messages.flatMap(({ Body, ReceiptHandle, Attributes }) =>
        Body === undefined || ReceiptHandle === undefined
          ? []
          : [{ body: Body, handle: ReceiptHandle, sentAt: toSentAt(Attributes) }],
      );
    },

    async deleteMessages(messages) {
      const command = new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.map(({ handle }, index) => ({
          Id: String(index),
          ReceiptHandle: handle,
        })),
      });
      try {
        const { Failed = [] } = await withDeadline(SEND_DEADLINE_MS, (abortSignal) =>
          sqs.send(command, { abortSignal }),
        );
        const causes = new Map(Failed.map(({ Id, Code = 'Unknown' }) => [Id, Code]));
        return messages.flatMap(({ handle }, index) => {
          const cause = causes.get(String(index));
          return cause === undefined ? [] : [{ handle, cause }];
        });
      } catch (error) {
        return messages.map(({ handle }) => ({ handle, cause: toCause(error) }));
      }
    },

    async unhide(handles) {
      const done = await mapLimited(
        UNHIDE_CALLS_AT_ONCE,
        splitEvery(MAX_BATCH_ENTRIES, handles),
        async (batch) => {
          const command = new ChangeMessageVisibilityBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map((handle, index) => ({
              Id: String(index),
              ReceiptHandle: handle,
              VisibilityTimeout: 0,
            })),
          });
          try {
            const { Successful = [] } = await withDeadline(SEND_DEADLINE_MS, (abortSignal) =>
              sqs.send(command, { abortSignal }),
            );
            return Successful.length;
          } catch {
            // it becomes visible by itself
            return 0;
          }
        },
      );
      return done.reduce((sum, count) => sum + count, 0);
    },

    async countHidden() {
      const command = new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
      });
      try {
        const { Attributes = {} } = await withDeadline(SEND_DEADLINE_MS, (abortSignal) =>
          sqs.send(command, { abortSignal }),
        );
        return Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
      } catch {
        return null;
      }
    },
  };
}

/** SQS gives the time in milliseconds since 1970 (API reference of ReceiveMessage, SentTimestamp). */
function toSentAt(attributes: Message['Attributes']): Date {
  return new Date(Number(attributes?.SentTimestamp ?? 0));
}
