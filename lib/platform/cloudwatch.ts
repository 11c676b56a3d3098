import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SEND_TIMEOUTS } from './aws-timeouts.ts';

/** Creates a CloudWatch client, with region and credentials from the environment. */
export function createCloudWatchClient(): CloudWatchClient {
  return new CloudWatchClient(SEND_TIMEOUTS);
}
