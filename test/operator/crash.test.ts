import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanSlice } from '../../lib/operator/scan-queue.ts';
import { createMemoryQueue, scanToEnd } from '../support/memory-queue.ts';

const STARTED_AT_MS = Date.parse('2026-03-06T08:00:00.000Z');
const KINDS = ['crash before', 'crash after', 'error before', 'error after'] as const;

/** What happens at one call of a run to a queue. */
interface Fault {
  readonly call: number;
  readonly kind: (typeof KINDS)[number];
}

/** The queues, which outlive every run. */
function createWorld(bodies: readonly string[]) {
  const queue = createMemoryQueue(
    bodies.map((body) => ({ body, sentAt: new Date(STARTED_AT_MS) })),
  );
  const sent: string[] = [];
  const reported: string[] = [];
  /** What was wrong at the moment of a call. */
  const wrongOrder: string[] = [];
  let ms = STARTED_AT_MS;

  /** Runs to the end and gives back what is hidden; resolves to null when the function crashed. */
  const run = async (fault: Fault | null, dryRun = false) => {
    const { promise: crashed, resolve } = Promise.withResolvers<null>();
    let hasCrashed = false;
    let calls = 0;
    const hang = (): Promise<never> => {
      hasCrashed = true;
      resolve(null);
      return new Promise<never>(() => {});
    };
    const track = async <Value>(call: () => Value | Promise<Value>): Promise<Value> => {
      // what another loop does meanwhile: the order of calls is not that of their start
      await Promise.resolve();
      if (hasCrashed) return hang();
      const kind = (calls += 1) === fault?.call ? fault.kind : null;
      if (kind === 'crash before') return hang();
      if (kind === 'error before') throw new Error('no response');
      const value = await call();
      if (kind === 'crash after') return hang();
      if (kind === 'error after') throw new Error('no response');
      return value;
    };
    const finished = scanToEnd((continuation) =>
      scanSlice(
        {
          queue: {
            receiveMessages: () => track(() => queue.receiveMessages()),
            async deleteMessages(messages) {
              // what a crashed function would do next is not done
              for (const { body } of hasCrashed ? [] : messages) {
                if (!sent.includes(body)) wrongOrder.push(`${body} deleted before it was sent`);
                if (!reported.includes(body)) wrongOrder.push(`${body} deleted without a log line`);
              }
              try {
                return await track(() => queue.deleteMessages(messages));
              } catch {
                return messages.map(({ handle }) => ({ handle, cause: 'NoResponse' }));
              }
            },
          },
          decide: ({ body }) => {
            const isGood = body.startsWith('good');
            return {
              move: isGood ? () => track(() => void sent.push(body)) : null,
              done() {
                if (hasCrashed || !isGood || dryRun) return;
                if (!sent.includes(body)) wrongOrder.push(`${body} reported before it was sent`);
                reported.push(body);
              },
            };
          },
          // slices are short
          now: () => new Date((ms += 400)),
          remainingMs: () => 60_000,
        },
        { continuation, limit: null, dryRun },
      ),
    ).then(async (slices) => {
      await queue.unhide(slices.flatMap(({ held }) => held));
      return slices;
    });
    const slices = await Promise.race([crashed, finished]);
    return { slices, calls };
  };
  return { run, queue, sent, reported, wrongOrder };
}

const anyBodies = fc
  .array(fc.constantFrom('good', 'left'), { minLength: 1, maxLength: 60 })
  .map((kinds) => kinds.map((kind, n) => `${kind} ${n}`));
const anyFault = fc.record({
  call: fc.integer({ min: 1, max: 100 }),
  kind: fc.constantFrom(...KINDS),
});
const isGood = (body: string): boolean => body.startsWith('good');

describe('a run of replay that crashes, or whose calls fail, at any call', () => {
  it('loses nothing, reports nothing early, and a second run moves the rest and no other', async () => {
    let crashes = 0;
    let errors = 0;
    await fc.assert(
      fc.asyncProperty(anyBodies, anyFault, async (bodies, fault) => {
        const { run, queue, sent, reported, wrongOrder } = createWorld(bodies);
        const { slices } = await run(fault);
        if (slices === null) crashes += 1;
        else if (slices.some(({ failures }) => failures.length > 0)) errors += 1;
        expect(new Set([...queue.bodies(), ...sent])).toEqual(new Set(bodies));
        expect(reported.filter((body) => !sent.includes(body))).toEqual([]);
        // what is given back at the end is all that was hidden, unless the response of a receive was lost
        const isAllGivenBack = slices !== null && fault.kind === 'error before';
        expect(isAllGivenBack ? queue.hiddenBodies() : []).toEqual([]);

        const isThereTwice = sent.filter((body) => queue.bodies().includes(body));
        queue.unhideAll();
        const again = await run(null);
        expect(again.slices?.at(-1)).toMatchObject({ stopReason: 'empty', failed: 0 });
        expect(queue.bodies()).toEqual(bodies.filter((body) => !isGood(body)));
        expect(new Set(sent)).toEqual(new Set(bodies.filter(isGood)));
        expect(wrongOrder).toEqual([]);
        // sent but not deleted yet: again is better than never, and the row of the delivery is the same
        expect(sent).toHaveLength(bodies.filter(isGood).length + isThereTwice.length);
      }),
      { numRuns: 300 },
    );
    expect(crashes).toBeGreaterThan(20);
    expect(errors).toBeGreaterThan(20);
  });

  it('moves nothing in a dry run, and gives every message back', async () => {
    await fc.assert(
      fc.asyncProperty(anyBodies, async (bodies) => {
        const { run, queue, sent, reported } = createWorld(bodies);
        const { slices } = await run(null, true);
        expect(slices?.reduce((sum, { scanned }) => sum + scanned, 0)).toBe(bodies.length);
        expect([queue.bodies(), queue.hiddenBodies()]).toEqual([bodies, []]);
        expect([sent, reported]).toEqual([[], []]);
      }),
    );
  });
});
