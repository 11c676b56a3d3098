const INVOCATION_MS = 30_000;

/** The parts of Lambda's context that the handlers read. */
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
