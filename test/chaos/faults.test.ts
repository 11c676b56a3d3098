import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSeededRandom, pickWeighted } from './seeded-random.ts';
import { createFaultyBatchDestination, pickFaults } from './destination-faults.ts';
import { createQueueFaults } from './queue-faults.ts';
import { createTrace } from './trace.ts';
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

describe('the faults of SQS for a batch of the consumers', () => {
  const ids = Array.from({ length: 200 }, (_, n) => `whs_${n}`);
  const batchOf = (some: readonly string[]): ProxyRequest => ({
    operation: 'SendMessageBatch',
    invocationId: 'call-1',
    body: JSON.stringify({
      QueueUrl: 'http://127.0.0.1/000000000000/voucher-relay-local-consumers',
      Entries: some.map((id, n) => ({ Id: String(n), MessageBody: JSON.stringify({ id }) })),
    }),
  });

  it('are in the trace as what became of each entry', () => {
    const trace = createTrace();
    const faults = createQueueFaults(createSeededRandom(1), trace);
    const actions = Array.from({ length: 20 }, (_, n) => {
      const request = batchOf(ids.slice(10 * n, 10 * n + 10));
      const action = faults.decide(request);
      if (action.kind === 'drop_response') faults.onResponseLost(request);
      return action;
    });
    const failedCount = actions.reduce(
      (sum, action) => sum + (action.kind === 'forward' ? (action.failed ?? []).length : 0),
      0,
    );
    const rejectedCount = 10 * actions.filter(({ kind }) => kind === 'reject').length;
    const lostCount = 10 * actions.filter(({ kind }) => kind === 'drop_response').length;
    const fates = ids.map((id) => trace.getDelivery(id, 'consumers').received);
    const fateCount = (fate: string): number =>
      fates.filter(([first]) => first?.fate === fate).length;
    expect(failedCount).toBeGreaterThan(0);
    expect(lostCount).toBeGreaterThan(0);
    expect(fateCount('response_lost')).toBe(lostCount);
    expect(fateCount('responded')).toBe(ids.length - failedCount - rejectedCount - lostCount);
    // sent again alone, an entry is stored
    const failedIds = ids.filter((_, index) => fates[index]?.length === 0);
    for (const id of failedIds) for (let n = 0; n < 4; n += 1) faults.decide(batchOf([id]));
    expect(fates.every(({ length }) => length > 0)).toBe(true);
  });
});

describe('the receiver of many records', () => {
  const receive = (seed: number, requests: readonly (readonly string[])[]) => {
    const trace = createTrace();
    const script = createFaultyBatchDestination(
      {
        random: createSeededRandom(seed),
        trace,
        timeoutMs: 1_000,
        kill: () => {},
        isDown: () => false,
      },
      'profiles',
    );
    const responses = requests.map((ids, index) =>
      script(
        {
          destination: 'profiles',
          method: 'POST',
          headers: { 'x-amzn-trace-id': `call-${index}` },
          body: JSON.stringify({ ids }),
          receivedAt: new Date(0),
        },
        index,
      ),
    );
    return { trace, responses };
  };

  it('says of each record what is in the trace', () => {
    const ids = Array.from({ length: 20 }, (_, n) => `whs_${n}`);
    const results = new Set<string>();
    for (let seed = 0; seed < 300; seed += 1) {
      const { trace, responses } = receive(seed, [ids]);
      const [response] = responses;
      const isPartial = response?.kind === 'respond' && response.status === 207;
      const said = new Map(
        Object.entries(JSON.parse((isPartial && response.body) || '{}') as Record<string, string>),
      );
      for (const id of ids) {
        const { received, wasRejected } = trace.getDelivery(id, 'profiles');
        const fate = received[0]?.fate ?? null;
        const expected = isPartial ? (said.get(id) ?? 'none') : 'failed';
        results.add(`${expected} ${fate} ${wasRejected}`);
      }
    }
    expect(results).toEqual(
      new Set([
        'taken responded false',
        'taken responded_late false',
        'refused null true',
        'later null false',
        'none no_result false',
        'failed null false',
        'failed null true',
        'failed cut false',
        'failed no_response false',
      ]),
    );
  });

  it('takes a record that it put off when it comes again, and refuses one each time', () => {
    const ids = Array.from({ length: 40 }, (_, n) => `whs_${n}`);
    const rounds = Array.from({ length: 12 }, () => ids.map((id) => [id]));
    const { trace } = receive(3, rounds.flat());
    for (const id of ids) {
      const { received, wasRejected } = trace.getDelivery(id, 'profiles');
      expect(received.length > 0).toBe(!wasRejected);
    }
  });
});

describe('the fault proxy', () => {
  let emulator: LoopbackServer;
  let proxy: FaultProxy;
  let action: ProxyAction;
  let receivedBodies: string[];
  let emulatorResponse: string | null;
  let lostRequests: ProxyRequest[];

  beforeEach(async () => {
    receivedBodies = [];
    lostRequests = [];
    emulatorResponse = null;
    emulator = await startLoopbackServer(0, (request, response) => {
      void readBody(request, 1_000).then((body) => {
        receivedBodies.push(String(body));
        return response
          .writeHead(200, { 'x-n': receivedBodies.length })
          .end(emulatorResponse ?? `response ${receivedBodies.length}`);
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

  it('lists entries of a batch that the emulator did not get as failed', async () => {
    emulatorResponse = '{"Successful":[{"Id":"0"}]}';
    const failed = [{ Id: '1', Code: 'InternalError', SenderFault: false }];
    action = { kind: 'forward', bodies: ['without 1'], failed };
    const response = await send();
    expect(await response.json()).toEqual({ Successful: [{ Id: '0' }], Failed: failed });
    expect(receivedBodies).toEqual(['without 1']);
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
