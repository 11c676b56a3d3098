import type { Context, SQSEvent } from 'aws-lambda';

let contexts = 0;

/** The context of a new invocation; its remaining time is constant by default. */
export function aContext(remainingMs: () => number = () => 30_000): Context {
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

/** An SQS event with a message `m0`, `m1` and so on for each body. */
export function aBatch(...bodies: readonly unknown[]): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: `handle${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 'sender',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:records',
      awsRegion: 'eu-west-1',
    })),
  };
}
