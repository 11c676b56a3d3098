import { SNSClient } from '@aws-sdk/client-sns';

const CONNECT_LIMIT_MS = 1_000;
const REQUEST_LIMIT_MS = 2_000;
const ATTEMPTS = 2;

/** An SNS client for destinations: two attempts of at most 3 seconds. */
export function createSnsClient(): SNSClient {
  return new SNSClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
  });
}
