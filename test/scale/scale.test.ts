import { describe, expect, it } from 'vitest';
import { ASSUMPTIONS } from './assumptions.ts';
import { toOneLine } from './format-results.ts';
import { HEALTHY, idealMs } from './receiver.ts';
import { isMet } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { countUsage } from './usage.ts';
import { createWorld, type ModelledDestination, type World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-03-05T09:15:04.000Z');
const KLAVIYO_LIMIT = { perSecond: 75, perMinute: 700 };
const TEN_A_SECOND = { perSecond: 10, perMinute: 600 };

/** A world with one destination. */
function aWorld(records: number, destination: Omit<ModelledDestination, 'id'>) {
  const world = createWorld({ seed: 1, records, destinations: [{ id: 'crm', ...destination }] });
  const [lane] = world.lanes;
  if (lane === undefined) throw new Error('no destination');
  return { world, lane, queue: lane.queue.counts, receiver: lane.receiver.counts };
}

const run = (world: World): Promise<void> => world.runUntil(world.isDrained, 5 * DAY_MS);

describe('some hundred deliveries at once, on virtual time', () => {
  it('keep a limit that is declared, and nothing is refused', async () => {
    const limits = [
      { limit: KLAVIYO_LIMIT, sendsRetryAfter: false },
      { limit: TEN_A_SECOND, sendsRetryAfter: true },
    ];
    for (const { limit, sendsRetryAfter } of limits) {
      const receiver = { ...HEALTHY, ...limit, sendsRetryAfter };
      const { world, queue, receiver: seen } = aWorld(500, { receiver, limit });
      world.send(0, 500);
      await run(world);
      expect(seen).toMatchObject({ accepted: 500, refused: 0, repeated: 0 });
      expect(queue).toMatchObject({ sent: 500, received: 500, deleted: 500 });
      // the first and the last batch count for more than among thousands
      const lastMs = seen.lastAcceptedAtMs - START_MS;
      expect(lastMs / idealMs(limit, 500)).toBeLessThan(1.2);
      expect(world.deadLetters.size).toBe(0);
    }
  });

  it('find the pace of a receiver whose limit nobody declared', async () => {
    const receiver = { ...HEALTHY, ...TEN_A_SECOND, sendsRetryAfter: true };
    const { world, queue, receiver: seen } = aWorld(500, { receiver });
    world.send(0, 500);
    await run(world);
    expect(seen).toMatchObject({ accepted: 500, repeated: 0 });
    expect((seen.lastAcceptedAtMs - START_MS) / idealMs(TEN_A_SECOND, 500)).toBeLessThan(1.5);
    expect(queue.received).toBeLessThan(600);
  });

  it('wait for a receiver that is down, use up no attempt and follow each other after its return', async () => {
    const receiver = { ...HEALTHY, ...KLAVIYO_LIMIT, downUntilMs: START_MS + HOUR_MS };
    const { world, lane, receiver: seen } = aWorld(600, { receiver, limit: KLAVIYO_LIMIT });
    world.sendRouted(lane, 600);
    await run(world);
    expect(seen).toMatchObject({ accepted: 600, repeated: 0 });
    expect(world.deadLetters.size).toBe(0);
    const afterReturnMs = seen.lastAcceptedAtMs - START_MS - HOUR_MS;
    expect(afterReturnMs).toBeLessThan(1.2 * idealMs(KLAVIYO_LIMIT, 600) + 7 * MINUTE_MS);
    // of two invocations at a time that wait, and no more
    expect(countUsage(world).lambdaDollars).toBeLessThan(0.06);
  });
});

describe('a receiver that takes nothing for hours', () => {
  it('is probed by one delivery at a time in each invocation', async () => {
    const receiver = { ...HEALTHY, downUntilMs: START_MS + HOUR_MS };
    const { world, lane, receiver: seen } = aWorld(500, { receiver });
    world.sendRouted(lane, 500);
    await run(world);
    expect(seen).toMatchObject({ accepted: 500, repeated: 0 });
    const { invocations } = world.fanOut.counts;
    // the first batch of each environment opens its circuit; then a circuit is open for 15 to 45 s of 50
    const firstBatches = 10 * ASSUMPTIONS.environments.value;
    expect(seen.failed).toBeLessThan(firstBatches + 3 * invocations);
    expect(world.deadLetters.size).toBe(0);
  });

  it('because of a quota gets the rest at its limit soon after', async () => {
    const receiver = {
      ...HEALTHY,
      ...KLAVIYO_LIMIT,
      downUntilMs: START_MS + 3 * HOUR_MS,
      downResponse: { status: 429, retryAfterSeconds: null },
    };
    const { world, lane, receiver: seen } = aWorld(300, { receiver, limit: KLAVIYO_LIMIT });
    world.sendRouted(lane, 300);
    await run(world);
    expect(seen).toMatchObject({ accepted: 300, repeated: 0 });
    expect(world.deadLetters.size).toBe(0);
    // what was hidden at the return is hidden for 15 minutes and a fifth at most
    const afterReturnMs = seen.lastAcceptedAtMs - START_MS - 3 * HOUR_MS;
    expect(afterReturnMs).toBeLessThan(20 * MINUTE_MS);
  });
});

describe('the scenarios that are small anyway', () => {
  const names = [
    'few-down-12h',
    'few-retry-after',
    'few-429-retry-after',
    'throttled-2-days',
    'paused-2-days',
    'poison',
    'queue-missing',
  ];
  it.each(names)('%s meets its bars', async (name) => {
    const scenario = SCENARIOS.find((each) => each.name === name);
    const figures = await scenario?.run(() => {}, { share: 0.1, seed: 1 });
    expect(figures?.filter((figure) => isMet(figure) === false).map(toOneLine)).toEqual([]);
    expect(figures?.some((figure) => isMet(figure) === true)).toBe(true);
  });
});

describe('a scenario', () => {
  it('takes the same course each time with the same seed, and another with another', async () => {
    const scenario = SCENARIOS.find(({ name }) => name === 'burst-10-600-undeclared');
    const figures = (seed: number) => scenario?.run(() => {}, { share: 0.005, seed });
    const [first, second, other] = [await figures(1), await figures(1), await figures(2)];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
