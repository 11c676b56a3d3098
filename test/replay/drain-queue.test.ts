import { describe, expect, it } from 'vitest';
import {
  type ReceivedMessage,
  drainQueue,
  type DrainableQueue,
  type ReplayDecision,
} from '../../lib/replay/drain-queue.ts';

/** A queue in memory that hides what was taken, and says what happened to it. */
function queueOf(...bodies: string[]) {
  const visible: ReceivedMessage[] = bodies.map((body) => ({ body, handle: body }));
  const removed: string[] = [];
  const givenBack: string[] = [];
  const queue: DrainableQueue = {
    receive: async () => visible.splice(0, 10),
    delete: async ({ body }) => void removed.push(body),
    release: async ({ body }) => void givenBack.push(body),
  };
  return { queue, removed, givenBack };
}

const ALWAYS_TIME = () => true;
const ALL = { limit: 1_000, dryRun: false };

function judgeWith(move: (body: string) => Promise<void>) {
  return ({ body }: ReceivedMessage): ReplayDecision<string> => ({
    result: body,
    send: body.startsWith('good') ? () => move(body) : null,
  });
}

describe('sweep', () => {
  it('removes what was sent on, gives back what was not, and ends when nothing more comes', async () => {
    const { queue, removed, givenBack } = queueOf('good 1', 'bad', 'good 2');
    const sent: string[] = [];

    const swept = await drainQueue(
      queue,
      judgeWith(async (body) => void sent.push(body)),
      ALWAYS_TIME,
      ALL,
    );

    expect(swept).toEqual({ results: ['good 1', 'bad', 'good 2'], stopReason: 'empty' });
    expect(sent).toEqual(['good 1', 'good 2']);
    expect(removed).toEqual(sent);
    expect(givenBack).toEqual(['bad']);
  });

  it('sends a message on before it removes it', async () => {
    const { queue, removed } = queueOf('good');
    const order: string[] = [];
    const remove: DrainableQueue['delete'] = async (held) => {
      order.push('removed');
      await queue.delete(held);
    };

    await drainQueue(
      { ...queue, delete: remove },
      judgeWith(async () => void order.push('sent')),
      ALWAYS_TIME,
      ALL,
    );

    expect(order).toEqual(['sent', 'removed']);
    expect(removed).toEqual(['good']);
  });

  it('loses nothing when sending fails: what was not sent on is not removed', async () => {
    const { queue, removed, givenBack } = queueOf('good 1', 'good 2', 'bad');
    const move = async (body: string) => {
      if (body === 'good 2') throw new Error('the queue is down');
    };

    const swept = await drainQueue(queue, judgeWith(move), ALWAYS_TIME, ALL);

    expect(swept.stopReason).toBe('failure');
    expect(removed).toEqual(['good 1']);
    expect(givenBack).toEqual(['good 2', 'bad']);
  });

  it('moves nothing in a dry run, and gives everything back at once', async () => {
    const { queue, removed, givenBack } = queueOf('good', 'bad');

    const swept = await drainQueue(
      queue,
      judgeWith(() => expect.unreachable('a dry run sends nothing')),
      ALWAYS_TIME,
      { limit: 10, dryRun: true },
    );

    expect(swept.results).toEqual(['good', 'bad']);
    expect(removed).toEqual([]);
    expect(givenBack.sort()).toEqual(['bad', 'good']);
  });

  it('looks at no more messages than asked for, and gives back what it took beyond', async () => {
    const { queue, removed, givenBack } = queueOf('good 1', 'good 2', 'good 3');

    const swept = await drainQueue(
      queue,
      judgeWith(async () => {}),
      ALWAYS_TIME,
      { limit: 2, dryRun: false },
    );

    expect(swept).toEqual({ results: ['good 1', 'good 2'], stopReason: 'limit' });
    expect(removed).toEqual(['good 1', 'good 2']);
    expect(givenBack).toEqual(['good 3']);
  });

  it('ends in time', async () => {
    const { queue, removed } = queueOf('good');

    const swept = await drainQueue(
      queue,
      judgeWith(async () => {}),
      () => false,
      ALL,
    );

    expect(swept).toEqual({ results: [], stopReason: 'time' });
    expect(removed).toEqual([]);
  });

  it('does not take one empty answer for an empty queue', async () => {
    const answers = [
      [],
      [{ body: 'good', handle: 'h' }],
      [],
      [],
      [],
      [{ body: 'good too late', handle: 'h' }],
    ];
    const { queue } = queueOf();
    const receive = async () => answers.shift() ?? [];

    const swept = await drainQueue(
      { ...queue, receive },
      judgeWith(async () => {}),
      ALWAYS_TIME,
      ALL,
    );

    expect(swept.results).toEqual(['good']);
  });
});
