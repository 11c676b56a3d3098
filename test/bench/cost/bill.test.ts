import { describe, expect, it } from 'vitest';
import { computeBill, computeTotal, type BillInput } from './bill.ts';

const USAGE: BillInput = {
  destinations: 3,
  usesTable: true,
  receiveCpuMs: 1,
  batchCpuMs: 10,
  tableCalls: 2,
  receiveLogBytes: 1_000,
  deliveryLogBytes: 500,
  recordBytes: 3_000,
};

describe('the cost of a million webhooks', () => {
  it('includes one write for each call to the deliveries table', () => {
    expect(computeBill(USAGE)['deliveries table']).toBeCloseTo(6 * 0.625);
  });

  it('is lower without the deliveries table, by its writes and by the time that fanOut waits for it', () => {
    const [with_, without] = [computeBill(USAGE), computeBill({ ...USAGE, usesTable: false })];
    expect(without['deliveries table']).toBe(0);
    expect(without.fanOut).toBeLessThan(with_.fanOut);
    expect(computeTotal(without)).toBeLessThan(computeTotal(with_) - with_['deliveries table']);
  });

  it('grows with the number of destinations only in the parts that each delivery adds to', () => {
    const more = computeBill({ ...USAGE, destinations: 6 });
    const before = computeBill(USAGE);
    expect(more['deliveries table']).toBeCloseTo(2 * before['deliveries table']);
    expect(more['data out']).toBeCloseTo(2 * before['data out']);
    expect([more['API Gateway'], more.receive, more['[records]']]).toEqual([
      before['API Gateway'],
      before.receive,
      before['[records]'],
    ]);
  });
});
