import { get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createConsole } from '../../../../lib/local/console/console.ts';
import type { Snapshot } from '../../../../lib/local/console/protocol.ts';
import { contain } from '../../../../lib/local/console/server/contain.ts';
import { createConsoleListener } from '../../../../lib/local/console/server/listener.ts';
import { createLiveStream } from '../../../../lib/local/console/server/live-stream.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../../../lib/local/emulator/http/loopback-server.ts';

const EMPTY_SNAPSHOT: Snapshot = {
  now: 0,
  endpoint: 'http://127.0.0.1:3000/webhooks/voucherify',
  rows: [],
  generation: 0,
  flow: {
    endpoint: { count: 0, series: [] },
    rejected: 0,
    quarantine: { count: 0, series: [] },
    records: { count: 0, series: [] },
    fanOut: { count: 0, series: [] },
    deadLetters: { count: 0, series: [] },
    destinations: [],
  },
  speed: 1,
  restart: null,
  notifications: [],
  mappings: [],
};

let server: LoopbackServer;
let stopStream = (): void => {};
afterEach(async () => {
  stopStream();
  await server.stop();
});

function fail(): never {
  throw new RangeError('Maximum call stack size exceeded');
}

/** Serves a console whose snapshots and routes come from these functions. */
async function serve(getSnapshot: () => Snapshot, errors: unknown[] = []): Promise<string> {
  let revision = 0;
  const liveStream = createLiveStream({
    getSnapshotSince: getSnapshot,
    revision: () => (revision += 1),
    refresh: async () => fail(),
    onError: (error) => errors.push(error),
  });
  stopStream = () => liveStream.stop();
  server = await startLoopbackServer(
    0,
    createConsoleListener({
      assets: new Map(),
      liveStream,
      queries: {
        '/console/fine': async () => ({ text: 'fine' }),
        '/console/webhook': async () => fail(),
      },
      commands: { '/console/send': fail },
    }),
  );
  return server.endpoint;
}

describe('an error of the console does not reach the pipeline', () => {
  it('in a query or a command: the response is 500, and the next one is served', async () => {
    const address = await serve(() => EMPTY_SNAPSHOT);
    const headers = { origin: address, 'content-type': 'application/json' };
    const responses = [
      await fetch(`${address}/console/webhook`),
      await fetch(`${address}/console/send`, { method: 'POST', headers, body: '{}' }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([500, 500]);
    const problems = await Promise.all(responses.map((response) => response.json()));
    expect(problems).toEqual([1, 2].map(() => ({ problem: 'Maximum call stack size exceeded' })));
    expect(await (await fetch(`${address}/console/fine`)).json()).toEqual({ text: 'fine' });
  });

  it('in a path that is no path', async () => {
    const address = await serve(() => EMPTY_SNAPSHOT);
    const status = await new Promise((resolve) => {
      get(address, { path: '//' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(status).toBe(404);
    expect((await fetch(`${address}/console/fine`)).status).toBe(200);
  });

  it('nor does a wrong path get a response about origins', async () => {
    const address = await serve(() => EMPTY_SNAPSHOT);
    for (const path of ['/webhooks/voucherfy', '/console/nothing', '/toString', '/favicon.ico']) {
      const response = await fetch(address + path, { method: 'POST', body: '{}' });
      expect([response.status, await response.json()]).toEqual([
        404,
        { problem: expect.stringContaining('Webhooks go to POST /webhooks/voucherify') as string },
      ]);
    }
    const foreign = await fetch(`${address}/console/send`, { method: 'POST', body: '{}' });
    expect(foreign.status).toBe(403);
  });

  it('in a snapshot: the error is reported, and the stream of that page ends', async () => {
    const errors: unknown[] = [];
    const address = await serve(fail, errors);
    const response = await fetch(`${address}/console/live`);
    expect(await response.text()).toBe('');
    expect(errors[0]).toBeInstanceOf(RangeError);
    expect((await fetch(`${address}/console/fine`)).status).toBe(200);
  });

  it('in a later snapshot, although the queues cannot be counted', async () => {
    let count = 0;
    const address = await serve(() => {
      count += 1;
      return count === 1 ? EMPTY_SNAPSHOT : fail();
    });
    const response = await fetch(`${address}/console/live`);
    expect(await response.text()).toMatch(/^data: \{.*\}\n\n$/);
  });
});

it('what an event of the pipeline causes is reported instead of thrown', async () => {
  server = await startLoopbackServer(0, () => {});
  const errors: unknown[] = [];
  contain(fail, (error) => errors.push(error));
  expect(errors).toEqual([new RangeError('Maximum call stack size exceeded')]);

  const { observer } = await createConsole();
  const unreadable = new Proxy({}, { get: fail }) as never;
  expect(() => {
    observer.onLine?.(unreadable, unreadable);
    observer.onInvocation?.(unreadable);
    observer.onRequestDelivered?.(unreadable);
    observer.onRequestMade?.(unreadable);
    observer.onMessageSent?.(unreadable);
  }).not.toThrow();
});
