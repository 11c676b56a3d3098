import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

const CONNECT_LIMIT_MS = 500;
const REQUEST_LIMIT_MS = 1_000;
const ATTEMPTS = 2;
/** Room for the claims of a whole batch at once: 10 messages to 10 destinations. */
const MAX_CONNECTIONS = 100;

/** A DynamoDB client that gives up within about 3 seconds, so that a stalled ledger stalls no batch. */
export function createDynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
      httpsAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
    },
  });
}
