import type { SQSClient } from '@aws-sdk/client-sqs';
import { serializeMessage } from '../platform/sqs-message.ts';
import { createSender, sendMessage } from '../platform/sqs.ts';
import type { FollowUpDeps } from './follow-up.ts';
import type { FanOutSettings } from './settings.ts';

/**
 * Creates the senders to the two queues of failed deliveries. The group id makes [retries] a fair
 * queue (Amazon SQS Developer Guide, "Amazon SQS fair queues"): a destination with thousands of waiting
 * deliveries delays another one's few less.
 */
export function createFailureQueues(
  client: SQSClient,
  queueUrls: Pick<FanOutSettings, 'RETRIES_QUEUE_URL' | 'DEAD_LETTERS_QUEUE_URL'>,
): Pick<FollowUpDeps, 'sendRetry' | 'sendDeadLetter'> {
  const sendToDeadLetters = createSender(client, queueUrls.DEAD_LETTERS_QUEUE_URL);
  return {
    sendRetry: (retry, delaySeconds) =>
      sendMessage(client, {
        QueueUrl: queueUrls.RETRIES_QUEUE_URL,
        MessageBody: serializeMessage(retry),
        DelaySeconds: delaySeconds,
        MessageGroupId: retry.destination,
      }),
    sendDeadLetter: (deadLetter) => sendToDeadLetters(serializeMessage(deadLetter)),
  };
}
