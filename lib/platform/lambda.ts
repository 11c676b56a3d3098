import { LambdaClient } from '@aws-sdk/client-lambda';
import { INVOKE_TIMEOUTS } from './aws-timeouts.ts';

/** Creates a Lambda client that never invokes a function twice. */
export function createLambdaClient(): LambdaClient {
  return new LambdaClient(INVOKE_TIMEOUTS);
}
