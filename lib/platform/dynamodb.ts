import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IDEMPOTENCY_TIMEOUTS } from './aws-timeouts.ts';

/** Room for the claims of a whole batch at once: 10 messages to 10 destinations. */
const MAX_CONNECTIONS = 100;

/** A DynamoDB client for the ledger. */
export function createDynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({
    ...IDEMPOTENCY_TIMEOUTS,
    requestHandler: {
      ...IDEMPOTENCY_TIMEOUTS.requestHandler,
      httpsAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
    },
  });
}
