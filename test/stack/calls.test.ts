import { beforeAll, describe, expect, it } from 'vitest';
import { type CountedCalls, countCalls, countCallsWithDeduplication } from '../bench/calls.ts';

/** How often each call was made. */
function countsOf(calls: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

describe('the calls of AWS, counted at the emulators', () => {
  let counted: CountedCalls;
  beforeAll(async () => {
    counted = await countCalls();
  }, 60_000);

  it('are one of receive for a webhook', () => {
    expect(countsOf(counted.receive)).toEqual({
      'sqs:SendMessage voucher-relay-local-records': counted.webhooks,
    });
  });

  it('are, of fanOut, two to the ledger for a delivery, and one for a destination of AWS', () => {
    const deliveries = 2 * counted.webhooks;
    expect(countsOf(counted.fanOut)).toEqual({
      'dynamodb:PutItem voucher-relay-local-idempotency': deliveries,
      'dynamodb:UpdateItem voucher-relay-local-idempotency': deliveries,
      'sqs:SendMessage voucher-relay-local-consumers': counted.webhooks,
    });
  });

  it('are two more to the idempotency table for a delivery with deduplicateBy', async () => {
    expect(countsOf(await countCallsWithDeduplication())).toEqual({
      'dynamodb:PutItem idempotency': 2,
      'dynamodb:UpdateItem idempotency': 2,
    });
  });
});
