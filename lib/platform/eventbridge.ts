import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SEND_TIMEOUTS } from './aws-timeouts.ts';

/** An EventBridge client for destinations. */
export function createEventBridgeClient(): EventBridgeClient {
  return new EventBridgeClient(SEND_TIMEOUTS);
}
