import { describe, expect, it } from 'vitest';
import {
  drainQueue,
  type DrainResult,
  type ReceivedMessage,
} from '../../lib/operator/drain-queue.ts';

const STARTED_AT = new Date('2026-03-06T08:00:00.000Z');
const MOVED = ['good 1', 'good 2', 'good 3'];
const BODIES = ['good 1', 'left', 'good 2', 'good 3'];

/** What happens to one call of a run, to a queue or to the log. */
interface Fault {
  readonly call: number;
  readonly kind: 'crash before' | 'crash after' | 'error' | 'error after';
}

interface Result {
  readonly status: 'replayed' | 'skipped';
  readonly body: string;
}

/** The queues, which outlive every run. */
function createWorld() {
  const source = new Map(BODIES.map((body) => [body, { isHidden: false }]));
  const sent: string[] = [];
  const reported: string[] = [];
  /** What was wrong at the moment of a call. */
  const wrongOrder: string[] = [];

  /** Runs in an execution environment of its own; resolves to null when it crashed. */
  const run = async (fault: Fault | null, dryRun = false) => {
    const { promise: crashed, resolve } = Promise.withResolvers<null>();
    let hasCrashed = false;
    const calls: string[] = [];
    const hang = (): Promise<never> => {
      hasCrashed = true;
      resolve(null);
      return new Promise<never>(() => {});
    };
    const track = async <Value>(name: string, call: () => Value): Promise<Value> => {
      if (hasCrashed) return hang();
      const kind = calls.push(name) === fault?.call ? fault.kind : null;
      if (kind === 'crash before') return hang();
      if (kind === 'error') throw new Error('no response');
      const value = call();
      if (kind === 'crash after') return hang();
      if (kind === 'error after') throw new Error('no response');
      return value;
    };
    const drained = drainQueue<Result>(
      {
        queue: {
          receiveMessages: () =>
            track('receive', () => {
              const visible = [...source].filter(([, { isHidden }]) => !isHidden).slice(0, 2);
              for (const [, message] of visible) message.isHidden = true;
              return visible.map(([body]) => ({ body, handle: body, sentAt: STARTED_AT }));
            }),
          deleteMessage: ({ body }) =>
            track('delete', () => {
              if (!sent.includes(body)) wrongOrder.push(`${body} deleted before it was sent`);
              if (!reported.includes(body)) wrongOrder.push(`${body} deleted without a log line`);
              source.delete(body);
            }),
          releaseMessage: ({ body }) =>
            track('release', () => {
              source.set(body, { isHidden: false });
            }),
        },
        decide: ({ body }: ReceivedMessage) =>
          body.startsWith('good')
            ? {
                id: body,
                result: { status: 'replayed', body },
                send: () => track('send', () => void sent.push(body)),
              }
            : { id: body, result: { status: 'skipped', body }, send: null },
        startedAt: STARTED_AT,
        onSent: (_, { body }) => {
          if (hasCrashed) return;
          if (!sent.includes(body)) wrongOrder.push(`${body} reported before it was sent`);
          reported.push(body);
        },
        hasTime: () => true,
      },
      { limit: 1_000, dryRun },
    ).catch((error: unknown) => error as Error);
    return { calls, outcome: await Promise.race([crashed, drained]) };
  };

  /** Ends every message's visibility timeout, as time does after a crash. */
  const showAll = (): void => {
    for (const message of source.values()) message.isHidden = false;
  };
  return { run, showAll, source, sent, reported, wrongOrder };
}

const CALLS = (await createWorld().run(null)).calls;
const faults = (...kinds: readonly Fault['kind'][]): (Fault & { readonly name: string })[] =>
  CALLS.flatMap((name, n) => kinds.map((kind) => ({ name, call: n + 1, kind })));

describe('a run of replay', () => {
  it('receives, sends, deletes and releases', () => {
    expect([...new Set(CALLS)]).toEqual(['receive', 'send', 'delete', 'release']);
    expect(CALLS.filter((name) => name === 'send')).toHaveLength(MOVED.length);
    expect(CALLS.lastIndexOf('receive')).toBeLessThan(CALLS.indexOf('release'));
  });

  it.each(faults('crash before', 'crash after'))(
    'loses nothing at call $call, a $kind $name, and reports nothing early',
    async (fault) => {
      const { run, showAll, source, sent, reported, wrongOrder } = createWorld();
      expect((await run(fault)).outcome).toBeNull();
      expect(new Set([...source.keys(), ...sent])).toEqual(new Set(BODIES));
      expect(reported.filter((body) => !sent.includes(body))).toEqual([]);

      const isThereTwice = sent.filter((body) => source.has(body));
      showAll();
      const again = await run(null);
      expect(again.outcome).toMatchObject({ stopReason: 'empty' });
      expect(new Set(sent)).toEqual(new Set(MOVED));
      expect([...source.keys()]).toEqual(['left']);
      expect(new Set(reported)).toEqual(new Set(MOVED));
      expect(wrongOrder).toEqual([]);
      // sent but not deleted yet: again is better than never, and the row of the delivery is the same
      expect(sent).toHaveLength(MOVED.length + isThereTwice.length);
    },
  );

  it.each(faults('error', 'error after').filter(({ name }) => name === 'receive'))(
    'fails when call $call, a receive, ends in an $kind',
    async (fault) => {
      const { run, source, sent, reported } = createWorld();
      expect((await run(fault)).outcome).toBeInstanceOf(Error);
      expect(new Set([...source.keys(), ...sent])).toEqual(new Set(BODIES));
      expect(sent).toEqual(reported);
    },
  );

  it.each(faults('error', 'error after').filter(({ name }) => name !== 'receive'))(
    'says only what it did when call $call, a $name, ends in an $kind',
    async (fault) => {
      const { run, source, sent, reported, wrongOrder } = createWorld();
      const { outcome } = await run(fault);
      expect(new Set([...source.keys(), ...sent])).toEqual(new Set(BODIES));
      expect(wrongOrder).toEqual([]);
      const { results, stopReason } = outcome as DrainResult<Result>;
      const moved = results.filter(({ status }) => status === 'replayed').map(({ body }) => body);
      expect(moved).toEqual(reported);
      expect(moved.filter((body) => !sent.includes(body))).toEqual([]);
      expect(stopReason).toBe(fault.name === 'release' ? 'empty' : 'error');
      // what was not moved is visible again at once, unless that very call failed
      const hidden = [...source.values()].filter(({ isHidden }) => isHidden);
      expect(hidden.length).toBeLessThanOrEqual(fault.name === 'release' ? 1 : 0);
    },
  );

  it('sends, deletes and reports nothing in a dry run, and shows every message again', async () => {
    const { run, source, sent, reported } = createWorld();
    const { calls, outcome } = await run(null, true);
    expect(new Set(calls)).toEqual(new Set(['receive', 'release']));
    expect(outcome).toMatchObject({ stopReason: 'empty', results: { length: BODIES.length } });
    expect([...source.values()]).toEqual(BODIES.map(() => ({ isHidden: false })));
    expect([sent, reported]).toEqual([[], []]);
  });
});
