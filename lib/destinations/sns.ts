import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { fifoIds, messageAttributes } from './message-attributes.ts';
import { awsDestination, type AwsDestinationRules } from './aws-destination.ts';
import type { Destination } from './destination.ts';

/** A topic of the merchant, standard or FIFO; subscribers filter on type, purpose and project. */
export interface SnsDestination extends AwsDestinationRules {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** A destination of the kind `sns`. */
export function sns(options: SnsDestination): Destination {
  const { client, topicArn } = options;
  return awsDestination(options, async (record, text, abortSignal) => {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Message: text,
      MessageAttributes: messageAttributes(record),
      ...fifoIds(topicArn, record),
    });
    await client.send(command, { abortSignal });
    return null;
  });
}
