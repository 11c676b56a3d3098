import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import { createSnsClient } from '../platform/sns.ts';
import {
  createAwsDestination,
  type AwsDestinationOptions,
  toMessageOutcomes,
  withAwsDefaults,
} from './aws-destination.ts';
import { type DestinationDeclaration, isLeftOut, type Target } from './declaration.ts';
import type { Destination } from './destination.ts';
import { toFifoAttributes, toMessageAttributes } from './message-attributes.ts';
import { createMisconfigured } from './misconfigured.ts';
import { toVariableName } from './variable-name.ts';

/** Options for a topic, standard or FIFO; subscribers can filter on type, purpose and project. */
export interface SnsDestinationOptions extends AwsDestinationOptions {
  /**
   * The ARN of a topic in the same region, `resource('CardsTopic')` for one of serverless.yml, or
   * `stageParameter('...')` for an ARN that differs from stage to stage.
   */
  readonly topic: Target;
}

/**
 * API reference of PublishBatch: 256 KiB for the messages together. A topic can allow more by its
 * attribute MaximumMessageSize, which is not known here.
 */
const MAX_BATCH_BYTES = 262_144;

/** Declares a destination of the kind `sns`: one message for each record. */
export function sns(options: SnsDestinationOptions): DestinationDeclaration {
  const variable = toVariableName(options.name, 'TOPIC_ARN');
  return {
    ...withAwsDefaults(options),
    kind: 'sns',
    needs: [{ kind: 'topic', variable, target: options.topic }],
    create: ({ environment }) =>
      isLeftOut(options.topic, environment[variable])
        ? null
        : createSnsDestination({
            ...options,
            client: createSnsClient(),
            topicArn: environment[variable] ?? '',
          }),
  };
}

/** A topic with the ARN that it has in its stage. */
export interface SnsDestinationSettings extends AwsDestinationOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** Creates the destination of a topic. When its ARN is not valid, its deliveries wait. */
export function createSnsDestination(options: SnsDestinationSettings): Destination {
  const { client, topicArn } = options;
  if (!topicArn.startsWith('arn:')) {
    return createMisconfigured(options, 'has a topic ARN that does not begin with arn:');
  }
  return createAwsDestination(options, {
    maxBytes: MAX_BATCH_BYTES,
    async send(messages, abortSignal) {
      const command = new PublishBatchCommand({
        TopicArn: topicArn,
        PublishBatchRequestEntries: messages.map(({ record, text }, index) => ({
          Id: String(index),
          Message: text,
          MessageAttributes: toMessageAttributes(record),
          ...toFifoAttributes(topicArn, record),
        })),
      });
      return toMessageOutcomes(messages, await client.send(command, { abortSignal }));
    },
  });
}
