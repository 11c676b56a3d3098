import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SENDING_LIMITS } from './call-limits.ts';

/** An EventBridge client for destinations. */
export function createEventBridgeClient(): EventBridgeClient {
  return new EventBridgeClient(SENDING_LIMITS);
}
