import { describe, expect, it } from 'vitest';
import { HEALTHY } from './receiver.ts';
import { countUsage, toMonthlyCosts } from './usage.ts';
import { createWorld } from './world.ts';

const HOUR_MS = 3_600_000;

describe('what a run uses of AWS', () => {
  it('is counted by the requests, the writes and the time of the function', async () => {
    const destinations = [{ id: 'crm', receiver: HEALTHY }];
    const world = createWorld({ seed: 1, records: 100, destinations });
    world.send(0, 100);
    await world.runUntil(world.isDrained, HOUR_MS);
    const usage = countUsage(world);
    // ten batches are sent, received and deleted; a place that comes too late receives nothing
    expect(usage.queueRequests).toBeGreaterThanOrEqual(30);
    expect(usage.queueRequests).toBeLessThan(45);
    expect(usage.recordsRequests).toBeGreaterThanOrEqual(20);
    expect(world.table.counts).toEqual({ writeUnits: 200, readUnits: 0 });
    expect(usage.tableDollars).toBeCloseTo((200 * 0.625) / 1_000_000, 9);
    const { invocations, billedMs } = world.fanOut.counts;
    expect(invocations).toBeGreaterThanOrEqual(20);
    const seconds = billedMs / 1_000;
    expect(usage.lambdaDollars).toBeCloseTo(
      seconds * 0.5 * 0.000_013_333_4 + (invocations * 0.2) / 1_000_000,
      9,
    );
  });

  it('includes the sends of deliveries that were put on their queue without routing', async () => {
    const destinations = [{ id: 'crm', receiver: HEALTHY }];
    const world = createWorld({ seed: 1, records: 100, destinations });
    const before = countUsage(world).queueRequests;
    expect(countUsage(world, 95).queueRequests - before).toBe(10);
  });

  it('leaves no row of a delivery whose message is deleted, so that a million need no memory', async () => {
    const destinations = [{ id: 'crm', receiver: HEALTHY }];
    const world = createWorld({ seed: 1, records: 100, destinations });
    world.send(0, 100);
    await world.runUntil(world.isDrained, HOUR_MS);
    expect(world.table.rows.size).toBe(0);
  });
});

describe('what a destination costs each month', () => {
  it('is the empty receives of its queue, its alarms and its metrics', () => {
    const [receives, alarms, metrics] = toMonthlyCosts(10);
    // five pollers, three receives a minute each
    expect(receives?.dollars).toBeCloseTo((5 * 3 * 60 * 730 * 0.4) / 1_000_000, 6);
    expect(alarms?.dollars).toBeGreaterThan(0);
    expect(metrics?.dollars).toBeCloseTo(3);
  });
});
