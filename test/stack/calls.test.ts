import { beforeAll, describe, expect, it } from 'vitest';
import { type CountedCalls, countCalls, countCallsWithDeduplication } from '../bench/calls.ts';

/** Counts how often each call was made. */
function countsOf(calls: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

describe('the calls of AWS services, counted in the emulators', () => {
  let counted: CountedCalls;
  beforeAll(async () => {
    counted = await countCalls();
  }, 60_000);

  it('of receive: one for a webhook', () => {
    expect(countsOf(counted.receive)).toEqual({
      'sqs:SendMessage voucher-relay-local-records': counted.webhooks,
    });
  });

  it('of fanOut: two of DynamoDB for a delivery, and one for an AWS destination', () => {
    const deliveries = 2 * counted.webhooks;
    expect(countsOf(counted.fanOut)).toEqual({
      'dynamodb:PutItem voucher-relay-local-idempotency': deliveries,
      'dynamodb:UpdateItem voucher-relay-local-idempotency': deliveries,
      'sqs:SendMessage voucher-relay-local-consumers': counted.webhooks,
    });
  });

  it('of fanOut: two more of DynamoDB for a delivery with a business key', async () => {
    expect(countsOf(await countCallsWithDeduplication())).toEqual({
      'dynamodb:PutItem idempotency': 2,
      'dynamodb:UpdateItem idempotency': 2,
    });
  });
});
