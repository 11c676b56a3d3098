import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createRetryAccelerator,
  type RetryAccelerator,
} from '../../../../lib/local/console/server/accelerate-retries.ts';
import type {
  WaitingDeliveries,
  WaitingDelivery,
} from '../../../../lib/local/emulator/waiting-deliveries.ts';

const NOW_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;

let accelerator: RetryAccelerator;
let delivery: WaitingDelivery;
let rescheduled: [string, string, number][];
let errors: unknown[];
let rounds: number;
let readRows: number;

beforeEach(() => {
  delivery = {
    messageId: 'm1',
    recordId: 'whs_1',
    destination: 'crm',
    nextAtMs: NOW_MS + 10 * MINUTE_MS,
    visibleAtMs: NOW_MS + 10 * MINUTE_MS,
  };
  rescheduled = [];
  errors = [];
  rounds = 0;
  readRows = 0;
});
afterEach(() => accelerator.stop());

const reschedule: WaitingDeliveries['reschedule'] = async (choose, isCandidate = () => true) => {
  rounds += 1;
  if (!isCandidate({ ...delivery, body: '' })) return [];
  readRows += 1;
  const nextAtMs = choose(delivery);
  if (nextAtMs === null) return [];
  delivery = { ...delivery, nextAtMs, visibleAtMs: nextAtMs };
  return [delivery];
};

function start(waitingDeliveries: Pick<WaitingDeliveries, 'reschedule'> = { reschedule }): void {
  accelerator = createRetryAccelerator({
    waitingDeliveries,
    onRescheduled: (...change) => rescheduled.push(change),
    now: () => NOW_MS,
    onError: (error) => errors.push(error),
  });
}

async function passRounds(count: number): Promise<void> {
  const target = rounds + count;
  await expect.poll(() => rounds, { timeout: 5_000 }).toBeGreaterThanOrEqual(target);
}

describe('the retry speed', () => {
  it('divides the remaining wait once, and says so', async () => {
    start();
    accelerator.setSpeed(10);
    await passRounds(3);
    expect(delivery.nextAtMs).toBe(NOW_MS + MINUTE_MS);
    expect(rescheduled).toEqual([['whs_1', 'crm', NOW_MS + MINUTE_MS]]);
    expect(readRows).toBe(1);
  });

  it('applies to what remains of a wait when it changes, and to the next wait of the delivery', async () => {
    start();
    accelerator.setSpeed(10);
    await passRounds(2);
    accelerator.setSpeed(60);
    await passRounds(2);
    expect(delivery.nextAtMs).toBe(NOW_MS + 10_000);
    delivery = { ...delivery, nextAtMs: NOW_MS + 600_000, visibleAtMs: NOW_MS + 600_000 };
    await passRounds(2);
    expect(delivery.nextAtMs).toBe(NOW_MS + 10_000);
    accelerator.setSpeed(1);
    await expect.poll(() => delivery.nextAtMs).toBe(NOW_MS + 600_000);
  });

  it('leaves a delivery that is due', async () => {
    delivery = { ...delivery, nextAtMs: NOW_MS - 1 };
    start();
    accelerator.setSpeed(10);
    await passRounds(2);
    expect(rescheduled).toEqual([]);
  });

  it('reports what fails, and goes on', async () => {
    start({
      async reschedule() {
        rounds += 1;
        throw new Error('the table is gone');
      },
    });
    accelerator.setSpeed(10);
    await passRounds(2);
    expect(errors[0]).toEqual(new Error('the table is gone'));
  });
});
