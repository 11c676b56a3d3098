import { SNSClient } from '@aws-sdk/client-sns';
import { SEND_TIMEOUTS } from './aws-timeouts.ts';

/** Creates an SNS client for destinations, with region and credentials from the environment. */
export function createSnsClient(): SNSClient {
  return new SNSClient(SEND_TIMEOUTS);
}
