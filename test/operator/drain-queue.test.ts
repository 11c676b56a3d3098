import { describe, expect, it } from 'vitest';
import {
  type DrainableQueue,
  drainQueue,
  type ReceivedMessage,
  type ReplayDecision,
} from '../../lib/operator/drain-queue.ts';

const STARTED_AT = new Date('2026-03-06T08:00:00.000Z');

/** A queue in memory that hides what was received, and records what happened to it. */
function createQueue(...bodies: string[]) {
  const visible: ReceivedMessage[] = bodies.map((body) => ({
    body,
    handle: body,
    // SQS keeps whole milliseconds: what was sent in the very one in which the run began was there
    sentAt: body.includes('later') ? new Date(STARTED_AT.getTime() + 1) : STARTED_AT,
  }));
  const deleted: string[] = [];
  const released: string[] = [];
  const queue: DrainableQueue = {
    receiveMessages: async () => visible.splice(0, 10),
    deleteMessage: async ({ body }) => void deleted.push(body),
    releaseMessage: async ({ body }) => void released.push(body),
  };
  return { queue, deleted, released };
}

interface Result {
  readonly status: 'replayed' | 'skipped';
  readonly body: string;
}
const replayed = (body: string): Result => ({ status: 'replayed', body });
const skipped = (body: string): Result => ({ status: 'skipped', body });

/** The dependencies of a run that sends on every message whose body begins with `good`. */
function createDeps(queue: DrainableQueue, send: (body: string) => Promise<void>) {
  const sentResults: [id: string | null, result: Result][] = [];
  const deps = {
    queue,
    decide: ({ body }: ReceivedMessage): ReplayDecision<Result> =>
      body.startsWith('good')
        ? { id: `id of ${body}`, result: replayed(body), send: () => send(body) }
        : { id: null, result: skipped(body), send: null },
    startedAt: STARTED_AT,
    onSent: (id: string | null, result: Result) => void sentResults.push([id, result]),
    hasTime: () => true,
  };
  return { deps, sentResults };
}

const ALL = { limit: 1_000, dryRun: false };

describe('drainQueue', () => {
  it('deletes what was sent on, releases what was not, and ends when no more messages come', async () => {
    const { queue, deleted, released } = createQueue('good 1', 'bad', 'good 2');
    const sent: string[] = [];
    const { deps, sentResults } = createDeps(queue, async (body) => void sent.push(body));

    const drained = await drainQueue(deps, ALL);

    expect(drained).toEqual({
      results: [replayed('good 1'), skipped('bad'), replayed('good 2')],
      stopReason: 'empty',
    });
    expect(sent).toEqual(['good 1', 'good 2']);
    expect(sentResults).toEqual([
      ['id of good 1', replayed('good 1')],
      ['id of good 2', replayed('good 2')],
    ]);
    expect(deleted).toEqual(sent);
    expect(released).toEqual(['bad']);
  });

  it('sends a message on before it deletes it', async () => {
    const { queue, deleted } = createQueue('good');
    const order: string[] = [];
    const deleteMessage: DrainableQueue['deleteMessage'] = async (message) => {
      order.push('deleted');
      await queue.deleteMessage(message);
    };
    const { deps } = createDeps({ ...queue, deleteMessage }, async () => void order.push('sent'));

    await drainQueue(deps, ALL);

    expect(order).toEqual(['sent', 'deleted']);
    expect(deleted).toEqual(['good']);
  });

  it('loses nothing when sending fails: what was not sent on is not deleted', async () => {
    const { queue, deleted, released } = createQueue('good 1', 'good 2', 'bad');
    const { deps, sentResults } = createDeps(queue, async (body) => {
      if (body === 'good 2') throw new Error('the queue is down');
    });

    const drained = await drainQueue(deps, ALL);

    expect(drained.stopReason).toBe('error');
    expect(sentResults).toEqual([['id of good 1', replayed('good 1')]]);
    expect(deleted).toEqual(['good 1']);
    expect(released).toEqual(['good 2', 'bad']);
  });

  it('leaves what came after it began, and counts it neither as a result nor as an empty receive', async () => {
    const later = Array.from({ length: 40 }, (_, n) => `good later ${n}`);
    const { queue, deleted, released } = createQueue('good 1', ...later, 'good 2');
    const { deps } = createDeps(queue, async () => {});

    const drained = await drainQueue(deps, { limit: 2, dryRun: false });

    expect(drained).toEqual({
      results: [replayed('good 1'), replayed('good 2')],
      stopReason: 'limit',
    });
    expect(deleted).toEqual(['good 1', 'good 2']);
    expect(released).toEqual(later);
  });

  it('moves nothing in a dry run, and releases every message at once', async () => {
    const { queue, deleted, released } = createQueue('good', 'bad');
    const { deps, sentResults } = createDeps(queue, () =>
      expect.unreachable('a dry run sends nothing'),
    );

    const drained = await drainQueue(deps, { limit: 10, dryRun: true });

    expect(drained.results).toEqual([replayed('good'), skipped('bad')]);
    expect([deleted, sentResults]).toEqual([[], []]);
    expect(released.sort()).toEqual(['bad', 'good']);
  });

  it('decides about no more messages than its limit, and releases what it received beyond', async () => {
    const { queue, deleted, released } = createQueue('good 1', 'good 2', 'good 3');
    const { deps } = createDeps(queue, async () => {});

    const drained = await drainQueue(deps, { limit: 2, dryRun: false });

    expect(drained).toEqual({
      results: [replayed('good 1'), replayed('good 2')],
      stopReason: 'limit',
    });
    expect(deleted).toEqual(['good 1', 'good 2']);
    expect(released).toEqual(['good 3']);
  });

  it('ends in time', async () => {
    const { queue, deleted } = createQueue('good');
    const { deps } = createDeps(queue, async () => {});

    const drained = await drainQueue({ ...deps, hasTime: () => false }, ALL);

    expect(drained).toEqual({ results: [], stopReason: 'time' });
    expect(deleted).toEqual([]);
  });

  it('does not take one empty receive for an empty queue', async () => {
    const batches = [
      [],
      [{ body: 'good', handle: 'h', sentAt: new Date(0) }],
      [],
      [],
      [],
      [{ body: 'good too late', handle: 'h', sentAt: new Date(0) }],
    ];
    const { queue } = createQueue();
    const receiveMessages = async () => batches.shift() ?? [];
    const { deps } = createDeps({ ...queue, receiveMessages }, async () => {});

    const drained = await drainQueue(deps, ALL);

    expect(drained.results).toEqual([replayed('good')]);
  });
});
