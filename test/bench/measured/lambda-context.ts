const INVOCATION_MS = 30_000;

/** What Lambda gives a handler beside its event, as far as these handlers look at it. */
export function createLambdaContext(): object {
  const deadlineMs = Date.now() + INVOCATION_MS;
  return {
    functionName: 'bench',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:bench',
    memoryLimitInMB: '512',
    awsRequestId: 'bench',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}
