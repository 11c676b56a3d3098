import type { PlannedDestination } from './plan-destinations.ts';

/** SetQueueAttributes API reference, MessageRetentionPeriod: the most that SQS keeps a message. */
export const RETENTION_SECONDS = 14 * 86_400;
/** Six times the timeout of fanOut, and the batching window (Lambda developer guide, Using Lambda with Amazon SQS). */
const VISIBILITY_SECONDS = 360;
/**
 * The most that SQS accepts (SetQueueAttributes API reference, RedrivePolicy). An invocation that is
 * throttled, or that meets an open circuit, counts as a receive; deliveries are given up by their rows.
 */
const MAX_RECEIVE_COUNT = 1_000;

/**
 * Returns the queue of a destination. Its messages are the backlog of the destination.
 * @param onRemoval the stage parameter of this name. With Retain, a queue whose creation is rolled back is
 * deleted all the same, so that the next deploy can create it.
 */
export function toQueueResource(
  { queueName, settings }: PlannedDestination,
  onRemoval: string,
): object {
  return {
    Type: 'AWS::SQS::Queue',
    DeletionPolicy: onRemoval === 'Retain' ? 'RetainExceptOnCreate' : onRemoval,
    UpdateReplacePolicy: onRemoval,
    Properties: {
      QueueName: queueName,
      SqsManagedSseEnabled: true,
      VisibilityTimeout: VISIBILITY_SECONDS + settings.batchWindowSeconds,
      MessageRetentionPeriod: RETENTION_SECONDS,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLettersQueue', 'Arn'] },
        maxReceiveCount: MAX_RECEIVE_COUNT,
      },
    },
  };
}

/** Returns the event with which fanOut reads the queue of a destination, as serverless.yml writes it. */
export function toQueueEvent({ queueId, settings }: PlannedDestination): object {
  return {
    sqs: {
      arn: { 'Fn::GetAtt': [queueId, 'Arn'] },
      batchSize: settings.batchSize,
      maximumBatchingWindow: settings.batchWindowSeconds,
      maximumConcurrency: settings.maximumConcurrency,
      functionResponseType: 'ReportBatchItemFailures',
    },
  };
}
