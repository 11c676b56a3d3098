import { describe, expect, it } from 'vitest';
import type { ScanReport } from '../../lib/operator/scan-report.ts';
import { type ScanDeps, type ScanOptions, scanSlice } from '../../lib/operator/scan-queue.ts';
import { createMemoryQueue, type MemoryQueue, scanToEnd } from '../support/memory-queue.ts';

const STARTED_AT = new Date('2026-03-06T08:00:00.000Z');
const MINUTE_MS = 60_000;
const names = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, n) => `${name} ${n}`);
// SQS keeps whole milliseconds: what was sent in the very one in which the run began was there
const past = (...bodies: readonly string[]) => bodies.map((body) => ({ body, sentAt: STARTED_AT }));
const later = (...bodies: readonly string[]) =>
  bodies.map((body) => ({ body, sentAt: new Date(STARTED_AT.getTime() + 1) }));

/** A scan that moves every message whose body begins with `good`, and records what it does. */
function createScan(
  queue: MemoryQueue,
  changes: Partial<ScanDeps> & { readonly move?: (body: string) => Promise<void> } = {},
) {
  const calls: string[] = [];
  const done: string[] = [];
  const { move = async () => {}, ...deps } = changes;
  const scan = (options: Partial<ScanOptions> = {}): Promise<ScanReport> =>
    scanSlice(
      {
        queue: {
          receiveMessages: queue.receiveMessages,
          async deleteMessages(messages) {
            calls.push(...messages.map(({ body }) => `delete ${body}`));
            return queue.deleteMessages(messages);
          },
        },
        decide: ({ body }) => ({
          move: body.startsWith('good')
            ? async () => {
                await move(body);
                calls.push(`send ${body}`);
              }
            : null,
          done: () => void done.push(body),
        }),
        now: () => STARTED_AT,
        remainingMs: () => 60_000,
        ...deps,
      },
      { continuation: null, limit: null, dryRun: false, ...options },
    );
  return { scan, calls, done };
}

describe('a slice of a scan', () => {
  it('deletes what was moved, keeps the rest hidden, and ends the run when no more messages come', async () => {
    const queue = createMemoryQueue(past('good 1', 'bad', 'good 2'));
    const { scan, calls, done } = createScan(queue);
    const slice = await scan();
    expect(slice).toMatchObject({
      scanned: 3,
      later: 0,
      failed: 0,
      failures: [],
      stopReason: 'empty',
      continuation: null,
    });
    expect(slice.held).toHaveLength(1);
    expect(done.sort()).toEqual(['bad', 'good 1', 'good 2']);
    expect(calls.indexOf('send good 1')).toBeLessThan(calls.indexOf('delete good 1'));
    expect([queue.bodies(), queue.hiddenBodies()]).toEqual([['bad'], ['bad']]);
    expect(await queue.unhide(slice.held)).toBe(1);
  });

  it('decides about none that came after the run began, and keeps them', async () => {
    const waiting = [...past('good 1'), ...later(...names(40, 'good')), ...past('good last')];
    const queue = createMemoryQueue(waiting);
    const { scan, done } = createScan(queue);
    const slice = await scan();
    expect(done.sort()).toEqual(['good 1', 'good last']);
    expect(slice).toMatchObject({ scanned: 2, later: 40, stopReason: 'empty' });
    expect(slice.held).toHaveLength(40);
  });

  it('moves nothing in a dry run, and keeps every message', async () => {
    const queue = createMemoryQueue(past('good', 'bad'));
    const { scan, calls, done } = createScan(queue);
    const slice = await scan({ dryRun: true });
    expect(slice.held).toHaveLength(2);
    expect([calls, done.sort()]).toEqual([[], ['bad', 'good']]);
  });

  it.each([
    [1, 1, 'limit'],
    [11, 11, 'limit'],
    [12, 12, 'limit'],
    [13, 12, 'empty'],
    [null, 12, 'empty'],
  ])('with the limit %s moves %i of 12, and ends with %s', async (limit, moved, stopReason) => {
    for (const dryRun of [true, false]) {
      const queue = createMemoryQueue(past(...names(5, 'bad'), ...names(12, 'good')));
      const { scan, done } = createScan(queue);
      const slice = await scan({ limit, dryRun });
      expect(done.filter((body) => body.startsWith('good'))).toHaveLength(moved);
      expect(slice).toMatchObject({ stopReason, continuation: null });
      expect(slice.held).toHaveLength(dryRun ? 17 : 17 - moved);
    }
  });

  it('counts the limit over all slices of a run', async () => {
    const queue = createMemoryQueue(past(...names(200, 'good')));
    const { scan, calls } = createScan(queue);
    const run = { startedAt: STARTED_AT.toISOString(), failed: 0, held: 0 };
    const slice = await scan({ limit: 100, continuation: { ...run, moved: 97 } });
    expect(slice.stopReason).toBe('limit');
    expect(calls.filter((call) => call.startsWith('send'))).toHaveLength(3);
  });

  it('goes on after a message that cannot be moved, which it keeps and does not count as scanned', async () => {
    const queue = createMemoryQueue(past('good 1', 'good broken', 'good 2'));
    const { scan, done } = createScan(queue, {
      move: async (body) =>
        body === 'good broken' ? Promise.reject(new TypeError('QUAY-1')) : undefined,
    });
    const slice = await scan();
    expect(slice).toMatchObject({
      scanned: 2,
      failed: 1,
      failures: [{ cause: 'TypeError', count: 1 }],
      stopReason: 'empty',
    });
    expect(done.sort()).toEqual(['good 1', 'good 2']);
    expect(queue.bodies()).toEqual(['good broken']);
    expect(slice.held).toHaveLength(1);
  });

  it('reports what was moved and could not be deleted', async () => {
    const queue = createMemoryQueue(past('good'));
    const { scan } = createScan(queue, {
      queue: {
        receiveMessages: queue.receiveMessages,
        deleteMessages: async (messages) =>
          messages.map(({ handle }) => ({ handle, cause: 'InternalError' })),
      },
    });
    expect(await scan()).toMatchObject({
      scanned: 1,
      failed: 1,
      failures: [{ cause: 'InternalError', count: 1 }],
      held: ['handle 1'],
    });
  });

  it('ends the run after ten that cannot be moved, over all slices', async () => {
    const refuse = { move: async () => Promise.reject(new Error('no queue')) };
    const many = createMemoryQueue(past(...names(1_000, 'good')));
    const slice = await createScan(many, refuse).scan();
    expect(slice).toMatchObject({ scanned: 0, stopReason: 'error', continuation: null });
    expect(slice.failed).toBeGreaterThanOrEqual(10);
    expect(slice.failed).toBeLessThanOrEqual(80);
    expect(slice.held).toHaveLength(slice.failed);

    const run = { startedAt: STARTED_AT.toISOString(), moved: 0, held: 0 };
    const one = createScan(createMemoryQueue(past('good')), refuse);
    expect(await one.scan({ continuation: { ...run, failed: 9 } })).toMatchObject({
      failed: 1,
      stopReason: 'error',
    });
  });

  it('ends with an error when the queue cannot be read, and returns what it holds', async () => {
    const queue = createMemoryQueue(past(...names(10, 'bad')));
    let receives = 0;
    const { scan } = createScan(queue, {
      queue: {
        ...queue,
        receiveMessages: async () =>
          (receives += 1) > 1 ? Promise.reject(new RangeError()) : queue.receiveMessages(),
      },
    });
    const slice = await scan();
    expect(slice).toMatchObject({ scanned: 10, stopReason: 'error', continuation: null });
    expect(slice.failures).toEqual([{ cause: 'RangeError', count: 7 }]);
    expect(slice.held).toHaveLength(10);
  });

  it.each([
    [15_001, 'empty', 1],
    [15_000, 'slice', 0],
    [0, 'slice', 0],
  ])('with %i ms left ends with %s', async (remainingMs, stopReason, scanned) => {
    const queue = createMemoryQueue(past('good'));
    const { scan } = createScan(queue, { remainingMs: () => remainingMs });
    expect(await scan()).toMatchObject({ stopReason, scanned });
  });

  it('receives nothing more after 20 seconds, and says what to go on with', async () => {
    const queue = createMemoryQueue(past(...names(5_000, 'good')));
    let ms = 0;
    const { scan } = createScan(queue, { now: () => new Date(STARTED_AT.getTime() + (ms += 50)) });
    const slice = await scan();
    expect(slice.stopReason).toBe('slice');
    expect(slice.scanned).toBeGreaterThan(0);
    expect(slice.continuation).toEqual({
      startedAt: new Date(STARTED_AT.getTime() + 50).toISOString(),
      moved: slice.scanned,
      failed: 0,
      held: 0,
    });
  });

  it('does not take one empty receive for an empty queue', async () => {
    const queue = createMemoryQueue(past('good'));
    let receives = 0;
    const { scan, done } = createScan(queue, {
      queue: {
        ...queue,
        receiveMessages: async () => ((receives += 1) <= 7 ? [] : queue.receiveMessages()),
      },
    });
    await scan();
    expect(done).toEqual(['good']);
  });
});

describe('a run over many slices', () => {
  it('holds at most 5,000 messages in a slice, and sees each message once', async () => {
    const bodies = [...names(11_990, 'bad'), ...names(10, 'good')];
    const queue = createMemoryQueue(past(...bodies));
    const { scan, done } = createScan(queue);
    const slices = await scanToEnd((continuation) => scan({ continuation }));
    expect(slices.map(({ stopReason }) => stopReason)).toEqual(['slice', 'slice', 'empty']);
    for (const { held } of slices) expect(held.length).toBeLessThanOrEqual(5_000);
    expect(done.sort()).toEqual(bodies.sort());
  });

  it.each([
    ['110,000 messages are hidden', { held: 109_991 }, 0],
    ['25 minutes have passed', { held: 0 }, 25],
  ])(
    'ends before SQS gives no more, or gives some again: when %s',
    async (_, { held }, minutes) => {
      const queue = createMemoryQueue(past('good'));
      const { scan } = createScan(queue, {
        now: () => new Date(STARTED_AT.getTime() + minutes * MINUTE_MS),
      });
      const run = { startedAt: STARTED_AT.toISOString(), moved: 0, failed: 0, held };
      expect(await scan({ continuation: run })).toMatchObject({
        scanned: 0,
        stopReason: 'hidden_limit',
        continuation: null,
      });
    },
  );
});
