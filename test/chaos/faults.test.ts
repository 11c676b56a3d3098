import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSeededRandom, pickWeighted } from './seeded-random.ts';
import { pickFaults } from './destination-faults.ts';
import { scaleSchedule } from './scaled-schedule.ts';
import {
  type FaultProxy,
  type ProxyRequest,
  type ProxyAction,
  startFaultProxy,
} from './fault-proxy.ts';
import { computePercentile } from './isolation/measure.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../lib/local/emulator/http/loopback-server.ts';
import { readBody } from '../../lib/local/emulator/http/read-body.ts';

describe('seeded random', () => {
  it('is the same for the same seed and key, and different for any other', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(), (seed, key, n) => {
        const drawn = createSeededRandom(seed)(key, n);
        expect(drawn).toBeGreaterThanOrEqual(0);
        expect(drawn).toBeLessThan(1);
        expect(createSeededRandom(seed)(key, n)).toBe(drawn);
        expect(createSeededRandom(seed + 1)(key, n)).not.toBe(drawn);
        expect(createSeededRandom(seed)(key, n + 1)).not.toBe(drawn);
      }),
    );
  });

  it.each([
    [0, 'often'],
    [0.74, 'often'],
    [0.75, 'seldom'],
    [0.99, 'seldom'],
  ])('picks by weight: a draw of %f gives %s', (draw, item) => {
    const weights = [
      ['often', 3],
      ['seldom', 1],
    ] as const;
    expect(pickWeighted(weights, draw)).toBe(item);
  });

  it('gives one delivery in five faults, and at most three of them', () => {
    const random = createSeededRandom(1);
    const all = Array.from({ length: 2_000 }, (_, n) => pickFaults(random, 'mail', `whs_${n}`));
    const faulty = all.filter((each) => each.length > 0);
    expect(faulty.length / all.length).toBeCloseTo(0.2, 1);
    expect(new Set(faulty.map((each) => each.length))).toEqual(new Set([1, 2, 3]));
  });
});

describe('a scaled schedule', () => {
  it('has as many attempts and no wait below a second', () => {
    const { delaysSeconds, maxAgeSeconds } = scaleSchedule(120);
    expect(delaysSeconds).toEqual([1, 1, 1, 5, 15, 30, 60, 120, 240, 240]);
    expect(maxAgeSeconds).toBe(720);
  });

  it('with the divisor 1 is the schedule itself', () => {
    expect(scaleSchedule(1)).toEqual(RETRY_SCHEDULE);
  });
});

describe('the fault proxy', () => {
  let emulator: LoopbackServer;
  let proxy: FaultProxy;
  let action: ProxyAction;
  let receivedBodies: string[];
  let lostRequests: ProxyRequest[];

  beforeEach(async () => {
    receivedBodies = [];
    lostRequests = [];
    emulator = await startLoopbackServer(0, (request, response) => {
      void readBody(request, 1_000).then((body) => {
        receivedBodies.push(String(body));
        return response
          .writeHead(200, { 'x-n': receivedBodies.length })
          .end(`response ${receivedBodies.length}`);
      });
    });
    proxy = await startFaultProxy({
      decide: () => action,
      onResponseLost: (request) => lostRequests.push(request),
    });
    proxy.setTarget(emulator.endpoint);
  });

  afterEach(async () => {
    await proxy.stop();
    await emulator.stop();
  });

  const send = (signal: AbortSignal | null = null): Promise<Response> =>
    fetch(proxy.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.SendMessage', 'x-amzn-trace-id': 'call-1' },
      body: 'original',
      signal,
    });

  it('forwards every body and responds with the response to the first', async () => {
    action = { kind: 'forward', bodies: ['one', 'other'] };
    const response = await send();
    expect([response.status, response.headers.get('x-n')]).toEqual([200, '1']);
    expect(await response.text()).toBe('response 1');
    expect([receivedBodies, lostRequests]).toEqual([['one', 'other'], []]);
  });

  it('rejects with an AWS error and forwards nothing', async () => {
    action = { kind: 'reject', status: 400, type: 'RequestThrottled' };
    const response = await send();
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { __type: 'RequestThrottled' },
    ]);
    expect(receivedBodies).toEqual([]);
  });

  it.each(['cut', 'hang'] as const)(
    'forwards the request and drops the response: %s',
    async (mode) => {
      action = { kind: 'drop_response', mode };
      const abort = new AbortController();
      const settled = send(abort.signal).then(
        () => 'responded',
        () => 'failed',
      );
      await expect.poll(() => lostRequests).toHaveLength(1);
      if (mode === 'hang') abort.abort();
      expect(await settled).toBe('failed');
      expect(receivedBodies).toEqual(['original']);
      expect(lostRequests).toEqual([
        { operation: 'SendMessage', body: 'original', invocationId: 'call-1' },
      ]);
    },
  );
});

it.each([
  [[5], 0.99, 5],
  [[3, 1, 2], 0.5, 2],
  [Array.from({ length: 100 }, (_, n) => n + 1), 0.99, 99],
])('the percentile of %j at %f is %d', (values, quantile, expected) => {
  expect(computePercentile(values, quantile)).toBe(expected);
});
