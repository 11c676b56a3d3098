import { createSqsClient, createSender } from '../../../lib/platform/sqs.ts';
import type { MessageEvent } from '../webhooks.ts';

const send = createSender(createSqsClient(), process.env['RECORDS_QUEUE_URL'] ?? '');

/** The floor of receive: one message by the SQS client, as it is bundled and configured here, and nothing of ours. */
export async function handler({ message }: MessageEvent): Promise<{ statusCode: number }> {
  await send(message);
  return { statusCode: 202 };
}
