import type { Context, SQSEvent } from 'aws-lambda';

let contexts = 0;

/** The context of a new invocation; its remaining time is constant by default. */
export function aContext(remainingMs: () => number = () => 60_000): Context {
  contexts += 1;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'fan-out',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:fan-out',
    memoryLimitInMB: '512',
    awsRequestId: `request-${contexts}`,
    logGroupName: 'group',
    logStreamName: 'stream',
    getRemainingTimeInMillis: remainingMs,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** The ARN of the queue [records] in these tests. */
const RECORDS_ARN = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-records';

/** What an SQS event says of its messages beside their bodies. */
export interface BatchOptions {
  readonly queueArn?: string;
  /** How often each message was received, this time included. */
  readonly receiveCount?: number;
  readonly sentAt?: Date;
}

/** An SQS event of [records] with a message `m0`, `m1` and so on for each body. */
export function aBatch(...bodies: readonly unknown[]): SQSEvent {
  return aBatchOf({}, ...bodies);
}

/** An SQS event of any queue with a message `m0`, `m1` and so on for each body. */
export function aBatchOf(
  { queueArn = RECORDS_ARN, receiveCount = 1, sentAt = new Date(0) }: BatchOptions,
  ...bodies: readonly unknown[]
): SQSEvent {
  const sentTimestamp = String(sentAt.getTime());
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: `handle${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: sentTimestamp,
        SenderId: 'sender',
        ApproximateFirstReceiveTimestamp: sentTimestamp,
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: 'eu-west-1',
    })),
  };
}
