import { describe, expect, it } from 'vitest';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aDestination, createTestFanOut, inMemoryDeliveries, NOW } from '../support/fan-out.ts';
import { aBatch, aContext } from '../support/lambda.ts';

const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();
const DAY_MS = 86_400_000;

/** A retry of a delivery to `crm`. */
const aRetry = (changes: object): object => ({
  record: aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } }),
  destination: 'crm',
  attempt: 2,
  firstAt: at(-1_000),
  notBefore: at(0),
  lastFailure: { reason: 'http_status', cause: null, status: 503 },
  ...changes,
});

async function handle(body: object, remainingMs = 30_000, timeoutMs = 5_000) {
  const crm = aDestination({ name: 'crm', timeoutMs });
  const { handler, retries, deadLetters } = createTestFanOut([crm]);
  const { batchItemFailures } = await handler(
    aBatch(body),
    aContext(() => remainingMs),
  );
  return {
    attempts: crm.received.length,
    retries,
    deadLetters,
    reported: batchItemFailures.length,
  };
}

describe('a retry', () => {
  it.each([
    [-1, 1],
    [0, 1],
    [1, 0],
  ])('that is not to be made before now + %i ms is attempted %i times', async (ms, attempts) => {
    const result = await handle(aRetry({ notBefore: at(ms) }));
    expect(result.attempts).toBe(attempts);
    expect(result.retries).toHaveLength(1 - attempts);
  });

  it.each([
    [DAY_MS - 1, 1],
    [DAY_MS, 1],
    [DAY_MS + 1, 0],
  ])('whose delivery is %i ms old is attempted %i times', async (ageMs, attempts) => {
    const result = await handle(aRetry({ firstAt: at(-ageMs) }));
    expect(result.attempts).toBe(attempts);
    expect(result.deadLetters.map(({ reason }) => reason)).toEqual(
      attempts === 1 ? [] : ['too_old'],
    );
  });

  it.each([
    [1, 1],
    [0, 0],
    [-1, 0],
  ])('whose voucher expires at now + %i ms is attempted %i times', async (ms, attempts) => {
    const record = aRecord({ data: { voucher: aVoucher({ expiresAt: at(ms) }) } });
    const result = await handle(aRetry({ record }));
    expect(result.attempts).toBe(attempts);
    expect(result.deadLetters.map(({ reason }) => reason)).toEqual(
      attempts === 1 ? [] : ['voucher_expired'],
    );
  });
});

describe('the age in the log line of a delivery', () => {
  it.each([
    [at(-2), 2],
    [at(-1), 1],
    [at(0), 0],
    [at(1), 0],
    ['not a time', undefined],
  ])('of a webhook that was received at %s is %s ms', async (receivedAt, ageMs) => {
    const { handler, telemetry } = createTestFanOut([aDestination({ name: 'crm' })]);
    const record = aRecord({ data: { receivedAt, voucher: aVoucher({ expiresAt: null }) } });
    await handler(aBatch(record), aContext());
    expect(telemetry.deliveries.map((line) => line.ageMs)).toEqual([ageMs]);
  });
});

describe('an attempt', () => {
  it('for which there is no time takes no row, which another call could need', async () => {
    const taken: string[] = [];
    const { handler } = createTestFanOut([aDestination({ name: 'crm' })], {
      deliveries: inMemoryDeliveries({
        async take(key, holder) {
          taken.push(key.destination);
          return { kind: 'taken', row: { key, holder } };
        },
      }),
    });
    for (const remainingMs of [6_999, 7_000]) {
      await handler(
        aBatch(aRetry({})),
        aContext(() => remainingMs),
      );
    }
    expect(taken).toEqual(['crm']);
  });

  it.each([
    [7_001, 1],
    [7_000, 1],
    [6_999, 0],
  ])(
    'of at most 5 s is made, with %i ms left of the invocation, %i times',
    async (remainingMs, attempts) => {
      const result = await handle(aRetry({}), remainingMs);
      expect(result).toMatchObject({ attempts, reported: 1 - attempts });
    },
  );
});
