import { SNSClient } from '@aws-sdk/client-sns';
import { SEND_TIMEOUTS } from './aws-timeouts.ts';

/** An SNS client for destinations. */
export function createSnsClient(): SNSClient {
  return new SNSClient(SEND_TIMEOUTS);
}
