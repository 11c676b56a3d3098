import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SEND_TIMEOUTS } from './aws-timeouts.ts';

/** Creates an EventBridge client for destinations, with region and credentials from the environment. */
export function createEventBridgeClient(): EventBridgeClient {
  return new EventBridgeClient(SEND_TIMEOUTS);
}
