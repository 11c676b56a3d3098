import { describe, expect, it } from 'vitest';
import { computeBill, computeTotal, type BillInput } from './bill.ts';

const USAGE: BillInput = {
  destinations: 3,
  usesIdempotency: true,
  receiveCpuMs: 1,
  batchCpuMs: 10,
  idempotencyCalls: 2,
  receiveLogBytes: 1_000,
  deliveryLogBytes: 500,
  recordBytes: 3_000,
};

describe('the bill of a million webhooks', () => {
  it('has a write of the ledger for each of its calls', () => {
    expect(computeBill(USAGE).idempotency).toBeCloseTo(6 * 0.625);
  });

  it('is, without a ledger, less by its writes and by the time that fanOut waits for it', () => {
    const [with_, without] = [
      computeBill(USAGE),
      computeBill({ ...USAGE, usesIdempotency: false }),
    ];
    expect(without.idempotency).toBe(0);
    expect(without.fanOut).toBeLessThan(with_.fanOut);
    expect(computeTotal(without)).toBeLessThan(computeTotal(with_) - with_.idempotency);
  });

  it('grows with the destinations in what a delivery costs, and in nothing else', () => {
    const more = computeBill({ ...USAGE, destinations: 6 });
    const before = computeBill(USAGE);
    expect(more.idempotency).toBeCloseTo(2 * before.idempotency);
    expect(more['data out']).toBeCloseTo(2 * before['data out']);
    expect([more['API Gateway'], more.receive, more['[records]']]).toEqual([
      before['API Gateway'],
      before.receive,
      before['[records]'],
    ]);
  });
});
