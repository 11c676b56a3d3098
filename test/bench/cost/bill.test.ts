import { describe, expect, it } from 'vitest';
import { billOf, totalOf, type Usage } from './bill.ts';

const USAGE: Usage = {
  destinations: 3,
  ledger: true,
  receiveCpuMs: 1,
  batchCpuMs: 10,
  ledgerCalls: 2,
  receiveLogBytes: 1_000,
  deliveryLogBytes: 500,
  recordBytes: 3_000,
};

describe('the bill of a million webhooks', () => {
  it('has a write of the ledger for each of its calls', () => {
    expect(billOf(USAGE).ledger).toBeCloseTo(6 * 0.625);
  });

  it('is, without a ledger, less by its writes and by the time that fanOut waits for it', () => {
    const [with_, without] = [billOf(USAGE), billOf({ ...USAGE, ledger: false })];
    expect(without.ledger).toBe(0);
    expect(without.fanOut).toBeLessThan(with_.fanOut);
    expect(totalOf(without)).toBeLessThan(totalOf(with_) - with_.ledger);
  });

  it('grows with the destinations in what a delivery costs, and in nothing else', () => {
    const more = billOf({ ...USAGE, destinations: 6 });
    const before = billOf(USAGE);
    expect(more.ledger).toBeCloseTo(2 * before.ledger);
    expect(more['data out']).toBeCloseTo(2 * before['data out']);
    expect([more['API Gateway'], more.receive, more['[records]']]).toEqual([
      before['API Gateway'],
      before.receive,
      before['[records]'],
    ]);
  });
});
