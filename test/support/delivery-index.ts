import { setTimeout as wait } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDeliveryIndex, type DeliveryIndex } from '../../lib/deliveries/delivery-index.ts';
import {
  createIndexKeys,
  type IndexKeys,
  INLINE_INDEX_KEY_PREFIX,
} from '../../lib/deliveries/index-keys.ts';

/** An invented key of index rows. */
export const INDEX_KEY = 'invented-index-key-of-these-tests-1';

/** An index that stores nothing, for what does not look at it. */
export const NO_INDEX: DeliveryIndex = { write: async () => ({ kind: 'stored' }) };

/** The keys of index rows, from the content of the secret. */
export function indexKeys(secret = INDEX_KEY): IndexKeys {
  const createFetcher = (): never => {
    throw new Error('The key is inline');
  };
  return createIndexKeys(INLINE_INDEX_KEY_PREFIX + secret, createFetcher, () => new Date());
}

/** The index of a table. */
export function openIndex(
  client: DynamoDBClient,
  tableName: string,
  { keys = indexKeys(), now = () => new Date() } = {},
): DeliveryIndex {
  return createDeliveryIndex({
    client,
    tableName,
    historyDays: 90,
    keys,
    now,
    random: () => 0.5,
    wait: (ms, signal) => wait(ms, undefined, { signal }),
  });
}
