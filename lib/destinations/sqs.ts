import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { toFifoAttributes, toMessageAttributes } from './message-attributes.ts';
import { createAwsDestination, type AwsDestinationOptions } from './aws-destination.ts';
import type { Destination } from './destination.ts';
import { NOT_A_URL } from '../platform/config.ts';
import { createMisconfigured } from './misconfigured.ts';

/** Options for a queue, standard or FIFO; consumers can filter on type, purpose and project. */
export interface SqsDestinationOptions extends AwsDestinationOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

/** Creates a destination of the kind `sqs`: one message for each record. */
export function sqs(options: SqsDestinationOptions): Destination {
  const { client, queueUrl } = options;
  if (!URL.canParse(queueUrl))
    return createMisconfigured(options, `has a queueUrl that ${NOT_A_URL}`);
  return createAwsDestination(options, async (record, text, abortSignal) => {
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: text,
      MessageAttributes: toMessageAttributes(record),
      ...toFifoAttributes(queueUrl, record),
    });
    await client.send(command, { abortSignal });
    return null;
  });
}
