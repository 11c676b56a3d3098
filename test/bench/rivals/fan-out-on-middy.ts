import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSEvent } from 'aws-lambda';
import { handler as fanOut } from '../../../functions/fan-out.ts';

// Middy expects a result of Promise.allSettled for each message and reports the failed ones itself.
export const handler = middy(async (event: SQSEvent, context: Context) => {
  const { batchItemFailures } = await fanOut(event, context);
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return event.Records.map(({ messageId }) =>
    failed.has(messageId) ? { status: 'rejected', reason: messageId } : { status: 'fulfilled' },
  );
}).use(sqsPartialBatchFailure());
