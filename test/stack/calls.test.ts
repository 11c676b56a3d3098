import { beforeAll, describe, expect, it } from 'vitest';
import { type CountedCalls, countCalls, countCallsWithDeduplication } from '../bench/calls.ts';

/** Counts how often each call is in the list. */
function countByName(calls: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

const INDEX_CALL = 'dynamodb:BatchWriteItem voucher-relay-local-deliveries';

describe('the calls of AWS services, counted in the emulators', () => {
  let counted: CountedCalls;
  beforeAll(async () => {
    counted = await countCalls();
  }, 60_000);

  it('are one for a webhook in receive', () => {
    expect(countByName(counted.receive)).toEqual({
      'sqs:SendMessage voucher-relay-local-records': counted.webhooks,
    });
  });

  it('are two to DynamoDB for a delivery in fanOut, and one at most for the index rows of a record', () => {
    const deliveries = 2 * counted.webhooks;
    const isSend = /^sqs:SendMessageBatch /;
    const calls = countByName(counted.fanOut.filter((call) => !isSend.test(call)));
    const { [INDEX_CALL]: indexCalls = 0, ...others } = calls;
    expect([indexCalls >= 1, indexCalls <= counted.webhooks]).toEqual([true, true]);
    expect(others).toEqual({
      'dynamodb:UpdateItem voucher-relay-local-deliveries': 2 * deliveries,
    });
  });

  it('are at most one for a record and destination in fanOut, which routes those of a batch together and delivers them together to an AWS destination', () => {
    const { webhooks, fanOut } = counted;
    for (const queue of ['to-consumers', 'to-http', 'consumers']) {
      const made = countByName(fanOut)[`sqs:SendMessageBatch voucher-relay-local-${queue}`] ?? 0;
      expect([made >= 1, made <= webhooks], queue).toEqual([true, true]);
    }
  });

  it('are two more to DynamoDB for a delivery with a business key in fanOut', async () => {
    expect(countByName(await countCallsWithDeduplication())).toEqual({
      'dynamodb:UpdateItem deliveries': 4,
    });
  });
});
