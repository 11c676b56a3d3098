import { describe, expect, it } from 'vitest';
import { COURSES } from './assumptions.ts';
import {
  computeBill,
  computeDelivery,
  computeIndexKey,
  computeTotal,
  type BillInput,
} from './bill.ts';

const [FULL, ONE_BY_ONE, BURST] = COURSES;
if (FULL === undefined || ONE_BY_ONE === undefined || BURST === undefined)
  throw new Error('courses');

const USAGE: BillInput = {
  destinations: 3,
  course: FULL,
  receiveCpuMs: 1,
  routeCpuMs: 3,
  deliverCpuMs: 10,
  tableCalls: 2,
  receiveLogBytes: 1_000,
  deliveryLogBytes: 500,
  recordBytes: 3_000,
  index: { keys: 3, rowBytes: 300, cpuMs: 1 },
};

describe('the cost of a million webhooks', () => {
  it('includes one write for each call to the deliveries table', () => {
    expect(computeBill(USAGE)['deliveries table']).toBeCloseTo(6 * 0.625);
  });

  it('includes three requests to the queue of a destination for each ten deliveries', () => {
    expect(computeBill(USAGE)['queues of destinations']).toBeCloseTo(3 * 0.3 * 0.4);
    const alone = computeBill({ ...USAGE, course: ONE_BY_ONE });
    expect(alone['queues of destinations']).toBeCloseTo(3 * 3 * 0.4);
  });

  it('includes a request for each 64 KB of a batch', () => {
    const large = computeBill({ ...USAGE, recordBytes: 30_000 });
    expect(large['queues of destinations']).toBeCloseTo(3 * 1.1 * 0.4);
  });

  it('includes the time in which a destination with a limit is waited for', () => {
    const burst = computeBill({ ...USAGE, course: BURST });
    // 56 deliveries in 9.9 s
    const pacedDollars = 0.2 / 56 + (1_000_000 / 56) * 9.898 * 0.5 * 0.000_013_333_4;
    const others = (2 / 3) * computeBill(USAGE)['fanOut: delivering'];
    expect(burst['fanOut: delivering']).toBeCloseTo(pacedDollars + others, 2);
  });

  it('grows with the number of destinations only in the parts that each delivery adds to', () => {
    const more = computeBill({ ...USAGE, destinations: 6 });
    const before = computeBill(USAGE);
    for (const part of ['deliveries table', 'data out', 'queues of destinations'] as const) {
      expect(more[part]).toBeCloseTo(2 * before[part]);
    }
    expect([more['API Gateway'], more.receive, more['[records]']]).toEqual([
      before['API Gateway'],
      before.receive,
      before['[records]'],
    ]);
  });

  it('grows with each key of the index by a write, and by the time of routing', () => {
    const alone = { ...USAGE, course: ONE_BY_ONE };
    // a million batches of a millisecond on 0.29 of a core, shared by three keys
    const routing = (1_000 * (1_769 / 512) * 0.5 * 0.000_013_333_4) / 3;
    expect(computeIndexKey(alone)).toBeCloseTo(0.625 + routing, 6);
    expect(computeIndexKey(USAGE)).toBeCloseTo(0.625 + routing / 10, 6);
    const large = { ...USAGE, index: { ...USAGE.index, rowBytes: 1_025 } };
    expect(computeIndexKey(large) - computeIndexKey(USAGE)).toBeCloseTo(0.625);
  });

  it('is split into what one more destination adds, and its queue in front', () => {
    const { queue, all } = computeDelivery(USAGE);
    expect(queue).toBeCloseTo(0.12);
    expect(3 * all).toBeLessThan(computeTotal(computeBill(USAGE)));
    expect(all).toBeGreaterThan(2 * 0.625 + queue);
  });
});
