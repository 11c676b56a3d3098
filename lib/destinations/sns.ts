import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { toFifoAttributes, toMessageAttributes } from './message-attributes.ts';
import { createAwsDestination, type AwsDestinationOptions } from './aws-destination.ts';
import type { Destination } from './destination.ts';
import { createMisconfigured } from './misconfigured.ts';

/** Options for a topic, standard or FIFO; subscribers can filter on type, purpose and project. */
export interface SnsDestinationOptions extends AwsDestinationOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** Creates a destination of the kind `sns`: one message for each record. */
export function sns(options: SnsDestinationOptions): Destination {
  const { client, topicArn } = options;
  if (!topicArn.startsWith('arn:')) {
    return createMisconfigured(options, 'has a topicArn that does not begin with arn:');
  }
  return createAwsDestination(options, async (record, text, abortSignal) => {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Message: text,
      MessageAttributes: toMessageAttributes(record),
      ...toFifoAttributes(topicArn, record),
    });
    await client.send(command, { abortSignal });
    return null;
  });
}
