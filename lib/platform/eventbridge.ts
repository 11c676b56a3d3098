import { EventBridgeClient } from '@aws-sdk/client-eventbridge';

const CONNECT_LIMIT_MS = 1_000;
const REQUEST_LIMIT_MS = 2_000;
const ATTEMPTS = 2;

/** An EventBridge client for destinations: two attempts of at most 3 seconds. */
export function createEventBridgeClient(): EventBridgeClient {
  return new EventBridgeClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
  });
}
