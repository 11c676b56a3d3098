import { SNSClient } from '@aws-sdk/client-sns';
import { SENDING_LIMITS } from './aws-timeouts.ts';

/** An SNS client for destinations. */
export function createSnsClient(): SNSClient {
  return new SNSClient(SENDING_LIMITS);
}
