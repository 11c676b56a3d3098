import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SENDING_LIMITS } from './aws-timeouts.ts';

/** An EventBridge client for destinations. */
export function createEventBridgeClient(): EventBridgeClient {
  return new EventBridgeClient(SENDING_LIMITS);
}
