import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChance, pick } from './seeded-random.ts';
import { disturbancesOf } from './destination-faults.ts';
import { dividedSchedule } from './scaled-schedule.ts';
import { type Edge, type EdgeRequest, type Passage, startEdge } from './fault-proxy.ts';
import { percentile } from './isolation/measure.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../lib/local/emulator/http/loopback-server.ts';
import { readBody } from '../../lib/local/emulator/http/read-body.ts';

describe('chance', () => {
  it('is the same for the same seed and question, and another for any other', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(), (seed, about, n) => {
        const drawn = createChance(seed)(about, n);
        expect(drawn).toBeGreaterThanOrEqual(0);
        expect(drawn).toBeLessThan(1);
        expect(createChance(seed)(about, n)).toBe(drawn);
        expect(createChance(seed + 1)(about, n)).not.toBe(drawn);
        expect(createChance(seed)(about, n + 1)).not.toBe(drawn);
      }),
    );
  });

  it.each([
    [0, 'often'],
    [0.74, 'often'],
    [0.75, 'seldom'],
    [0.99, 'seldom'],
  ])('at %f picks by weight: %s', (draw, thing) => {
    const weights = [
      ['often', 3],
      ['seldom', 1],
    ] as const;
    expect(pick(weights, draw)).toBe(thing);
  });

  it('disturbs one delivery in five, and none for ever', () => {
    const chance = createChance(1);
    const all = Array.from({ length: 2_000 }, (_, n) => disturbancesOf(chance, 'mail', `whs_${n}`));
    const disturbed = all.filter((each) => each.length > 0);
    expect(disturbed.length / all.length).toBeCloseTo(0.2, 1);
    expect(new Set(disturbed.map((each) => each.length))).toEqual(new Set([1, 2, 3]));
  });
});

describe('a divided schedule', () => {
  it('has as many attempts, and no time below a second', () => {
    const { waitsSeconds, maxAgeSeconds } = dividedSchedule(120);
    expect(waitsSeconds).toEqual([1, 1, 1, 5, 15, 30, 60, 120, 240, 240]);
    expect(maxAgeSeconds).toBe(720);
  });

  it('divided by one is the schedule itself', () => {
    expect(dividedSchedule(1)).toEqual(RETRY_SCHEDULE);
  });
});

describe('the edge before an emulator', () => {
  let emulator: LoopbackServer;
  let edge: Edge;
  let passage: Passage;
  let taken: string[];
  let lost: EdgeRequest[];

  beforeEach(async () => {
    taken = [];
    lost = [];
    emulator = await startLoopbackServer(0, (request, response) => {
      void readBody(request, 1_000).then((body) => {
        taken.push(String(body));
        return response.writeHead(200, { 'x-n': taken.length }).end(`answer ${taken.length}`);
      });
    });
    edge = await startEdge({
      judge: () => passage,
      onAnswerLost: (request) => lost.push(request),
    });
    edge.leadTo(emulator.endpoint);
  });

  afterEach(async () => {
    await edge.stop();
    await emulator.stop();
  });

  const ask = (signal: AbortSignal | null = null): Promise<Response> =>
    fetch(edge.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.SendMessage', 'x-amzn-trace-id': 'call-1' },
      body: 'original',
      signal,
    });

  it('hands every body on, and answers as the emulator did to the first', async () => {
    passage = { kind: 'pass', bodies: ['one', 'other'] };
    const response = await ask();
    expect([response.status, response.headers.get('x-n')]).toEqual([200, '1']);
    expect(await response.text()).toBe('answer 1');
    expect([taken, lost]).toEqual([['one', 'other'], []]);
  });

  it('refuses with an error of AWS, without the emulator', async () => {
    passage = { kind: 'refuse', status: 400, type: 'RequestThrottled' };
    const response = await ask();
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { __type: 'RequestThrottled' },
    ]);
    expect(taken).toEqual([]);
  });

  it.each(['cut', 'hang'] as const)('loses the answer of what was stored: %s', async (how) => {
    passage = { kind: 'lose_answer', how };
    const leaving = new AbortController();
    const failing = ask(leaving.signal).then(
      () => 'answered',
      () => 'failed',
    );
    await expect.poll(() => lost).toHaveLength(1);
    if (how === 'hang') leaving.abort();
    expect(await failing).toBe('failed');
    expect(taken).toEqual(['original']);
    expect(lost).toEqual([{ action: 'SendMessage', body: 'original', invocation: 'call-1' }]);
  });
});

it.each([
  [[5], 0.99, 5],
  [[3, 1, 2], 0.5, 2],
  [Array.from({ length: 100 }, (_, n) => n + 1), 0.99, 99],
])('the percentile of %j at %f is %d', (values, part, expected) => {
  expect(percentile(values, part)).toBe(expected);
});
