import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { delivered, rejected, retry } from '../../lib/destinations/outcome.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aDelivery, NOW } from '../support/fan-out.ts';
import { startSimulatedQueue, type Step } from '../support/simulated-queue.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const STEPS = {
  delivered: delivered(204),
  failed: retry('http_status', { status: 503 }),
  refused: retry('http_status', { status: 429, countsAsAttempt: false, retryAfterSeconds: 40 }),
  rejected: rejected('http_status', { status: 422 }),
  crash: 'crash',
} as const satisfies { readonly [name: string]: Step };
type StepName = keyof typeof STEPS;

const anyStep: fc.Arbitrary<StepName> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('failed' as const) },
  { weight: 3, arbitrary: fc.constant('refused' as const) },
  { weight: 1, arbitrary: fc.constant('delivered' as const) },
  { weight: 1, arbitrary: fc.constant('rejected' as const) },
);

/** One that fails until it is given up, if its destination is not down. */
const FAILING = Array.from({ length: 14 }, () => 'failed' as const);

/** Some records: how often each is put on the queue, and what its attempts come to, the last for ever. */
const plans = (step: fc.Arbitrary<StepName>) =>
  fc.array(
    fc.record({
      copies: fc.integer({ min: 1, max: 3 }),
      steps: fc.oneof(fc.array(step, { maxLength: 12 }), fc.constant(FAILING)),
      last: fc.constantFrom<StepName>('delivered', 'rejected'),
    }),
    { minLength: 1, maxLength: 5 },
  );

interface Plan {
  readonly copies: number;
  readonly steps: readonly StepName[];
  readonly last: StepName;
}

/** Lets the records of a plan be delivered until nothing is on the queue. */
async function run(
  records: readonly Plan[],
  crashAt?: (call: number) => 'before' | 'after' | null,
) {
  vi.setSystemTime(NOW);
  const queue = startSimulatedQueue({
    attempt: (id, n) => {
      const plan = records[Number(id.slice('whs_'.length))];
      return STEPS[plan?.steps[n] ?? plan?.last ?? 'delivered'];
    },
    ...(crashAt && { crashAt }),
  });
  const requestedAt = NOW.toISOString();
  const deliveries = records.map(({ copies }, n) => {
    const id = `whs_${n}`;
    const record = aRecord({ id, data: { voucher: aVoucher({ expiresAt: null }) } });
    for (let copy = 0; copy < copies; copy += 1) {
      queue.send(aDelivery(record, 'crm', { requestedAt }));
    }
    return id;
  });
  await queue.drain();
  return deliveries.map((id) => {
    const end = queue.table.rows.get(`${id} crm`)?.end;
    return {
      end,
      deliveredCount: queue.deliveredIds.filter((each) => each === id).length,
      deadLetters: queue.deadLetters.filter(
        (letter) => 'record' in letter && letter.record.id === id,
      ),
      crashes: queue.countCrashes(),
    };
  });
}

describe('a delivery, whatever its attempts come to and however many copies of its message there are', () => {
  it('ends delivered exactly once, or dead with its dead letter, and its row says so', async () => {
    await fc.assert(
      fc.asyncProperty(plans(anyStep), async (records) => {
        for (const { end, deliveredCount, deadLetters } of await run(records)) {
          const isDead = end?.state === 'dead';
          expect([end?.state, deliveredCount, deadLetters.length]).toEqual(
            isDead ? ['dead', 0, 1] : ['delivered', 1, 0],
          );
          const { reason, attempts, lastFailure } = isDead ? end : {};
          expect(deadLetters).toMatchObject(isDead ? [{ reason, attempts, lastFailure }] : []);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is lost at no crash of its invocation, and made more than once only after one', async () => {
    const anyCrash = fc.record({
      call: fc.integer({ min: 0, max: 40 }),
      when: fc.constantFrom('before', 'after'),
    });
    await fc.assert(
      fc.asyncProperty(
        plans(fc.oneof(anyStep, fc.constant('crash'))),
        fc.array(anyCrash, { maxLength: 6 }),
        async (records, crashPoints) => {
          const crashAt = (call: number) =>
            crashPoints.find((point) => point.call === call)?.when ?? null;
          for (const { end, deliveredCount, deadLetters, crashes } of await run(records, crashAt)) {
            expect(deliveredCount + deadLetters.length).toBeLessThanOrEqual(1 + crashes);
            expect(end?.state).toBeOneOf(['delivered', 'dead']);
            const ofItsState = end?.state === 'dead' ? deadLetters.length : deliveredCount;
            expect(ofItsState).toBeGreaterThan(0);
            const reasons = end?.state === 'dead' ? [{ reason: end.reason }] : [];
            expect(deadLetters.slice(deadLetters.length - reasons.length)).toMatchObject(reasons);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
