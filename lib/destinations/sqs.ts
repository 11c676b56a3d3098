import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { fifoIds, messageAttributes } from './message-attributes.ts';
import { awsDestination, type AwsDestinationRules } from './aws-destination.ts';
import type { Destination } from './destination.ts';

/** A queue of the merchant, standard or FIFO; consumers filter on type, purpose and project. */
export interface SqsDestination extends AwsDestinationRules {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

/** A destination of the kind `sqs`. */
export function sqs(options: SqsDestination): Destination {
  const { client, queueUrl } = options;
  return awsDestination(options, async (record, text, abortSignal) => {
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: text,
      MessageAttributes: messageAttributes(record),
      ...fifoIds(queueUrl, record),
    });
    await client.send(command, { abortSignal });
    return null;
  });
}
