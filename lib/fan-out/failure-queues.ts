import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { messageBody } from '../platform/sqs-message.ts';
import { sendTo } from '../platform/sqs.ts';
import type { ConclusionDeps } from './follow-up.ts';
import type { FanOutSettings } from './settings.ts';

/**
 * The two queues on which a delivery is safe that did not get through. The group id makes [retries] a
 * fair queue: one destination's thousands of waiting deliveries do not hold up another's few.
 */
export function createQueues(
  client: SQSClient,
  addresses: Pick<FanOutSettings, 'RETRIES_QUEUE_URL' | 'DEAD_LETTERS_QUEUE_URL'>,
): Pick<ConclusionDeps, 'sendRetry' | 'sendDeadLetter'> {
  const sendToDeadLetters = sendTo(client, addresses.DEAD_LETTERS_QUEUE_URL);
  return {
    async sendRetry(retry, delaySeconds) {
      const command = new SendMessageCommand({
        QueueUrl: addresses.RETRIES_QUEUE_URL,
        MessageBody: messageBody(retry),
        DelaySeconds: delaySeconds,
        MessageGroupId: retry.destination,
      });
      await client.send(command);
    },
    sendDeadLetter: (letter) => sendToDeadLetters(messageBody(letter)),
  };
}
