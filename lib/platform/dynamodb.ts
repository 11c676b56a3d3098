import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE_TIMEOUTS } from './aws-timeouts.ts';

/** Enough for a whole batch at once: 10 messages to 10 destinations, a call each. */
const MAX_CONNECTIONS = 100;

/**
 * Creates a DynamoDB client for the deliveries table, with region and credentials from the environment.
 * It resolves its middleware once per kind of command instead of once per call: nothing here adds
 * middleware to a client that is in use.
 */
export function createDynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({
    ...TABLE_TIMEOUTS,
    cacheMiddleware: true,
    requestHandler: {
      ...TABLE_TIMEOUTS.requestHandler,
      httpsAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
    },
  });
}
