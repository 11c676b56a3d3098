import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { NOT_A_URL } from '../platform/config.ts';
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

/** Options for a queue, standard or FIFO; consumers can filter on type, purpose and project. */
export interface SqsDestinationOptions extends AwsDestinationOptions {
  /**
   * The ARN of a queue in the same region, `resource('OrdersQueue')` for one of serverless.yml, or
   * `stageParameter('...')` for an ARN that differs from stage to stage.
   */
  readonly queue: Target;
}

/** API reference of SendMessageBatch: 1 MiB for the messages together. */
const MAX_BATCH_BYTES = 1_048_576;

/** Declares a destination of the kind `sqs`: one message for each record. */
export function sqs(options: SqsDestinationOptions): DestinationDeclaration {
  const variable = toVariableName(options.name, 'QUEUE_URL');
  return {
    ...withAwsDefaults(options),
    kind: 'sqs',
    needs: [{ kind: 'queue', variable, target: options.queue }],
    create: ({ environment, sqs: client }) =>
      isLeftOut(options.queue, environment[variable])
        ? null
        : createSqsDestination({ ...options, client, queueUrl: environment[variable] ?? '' }),
  };
}

/** A queue with the URL that it has in its stage. */
export interface SqsDestinationSettings extends AwsDestinationOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

/** Creates the destination of a queue. When its URL is not valid, its deliveries wait. */
export function createSqsDestination(options: SqsDestinationSettings): Destination {
  const { client, queueUrl } = options;
  if (!URL.canParse(queueUrl)) {
    return createMisconfigured(options, `has a queue URL that ${NOT_A_URL}`);
  }
  return createAwsDestination(options, {
    maxBytes: MAX_BATCH_BYTES,
    async send(messages, abortSignal) {
      const command = new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.map(({ record, text }, index) => ({
          Id: String(index),
          MessageBody: text,
          MessageAttributes: toMessageAttributes(record),
          ...toFifoAttributes(queueUrl, record),
        })),
      });
      return toMessageOutcomes(messages, await client.send(command, { abortSignal }));
    },
  });
}
