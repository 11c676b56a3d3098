import type { Context, SQSEvent } from 'aws-lambda';

/** What Lambda gives a function beside its event; its time does not run unless a test lets it. */
export function aContext(remainingMs: () => number = () => 30_000): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'fan-out',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:fan-out',
    memoryLimitInMB: '512',
    awsRequestId: 'request',
    logGroupName: 'group',
    logStreamName: 'stream',
    getRemainingTimeInMillis: remainingMs,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** A batch as SQS hands it over: messages `m0`, `m1` and so on with these bodies. */
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
