import { afterEach, describe, expect, it } from 'vitest';
import {
  createRetryAccelerator,
  type RetryAccelerator,
} from '../../../../lib/local/console/server/accelerate-retries.ts';
import type { DelayedMessage } from '../../../../lib/local/emulator/fauxqs-internals.ts';

const NOW_MS = Date.parse('2026-03-05T09:15:00.000Z');

let accelerator: RetryAccelerator;
afterEach(() => accelerator.stop());

const RETRY = {
  record: { id: 'whs_1', data: {} },
  destination: 'crm',
  attempt: 2,
  firstAt: '2026-03-05T09:14:00.000Z',
  notBefore: '2026-03-05T09:25:00.000Z',
  lastFailure: { reason: 'http_status', cause: null, status: 503 },
};

function accelerate(reason: string): { body: unknown; visibleAtMs: number } {
  const retry = { ...RETRY, lastFailure: { ...RETRY.lastFailure, reason } };
  let message: DelayedMessage = {
    messageId: 'm1',
    body: JSON.stringify(retry),
    visibleAtMs: NOW_MS + 600_000,
  };
  accelerator = createRetryAccelerator({
    editDelayed(edit) {
      message = { ...message, ...edit(message) };
    },
    onRescheduled: () => {},
    now: () => NOW_MS,
    onError: () => {},
  });
  accelerator.setSpeed(10);
  accelerator.setSpeed(10);
  return { body: JSON.parse(message.body), visibleAtMs: message.visibleAtMs };
}

describe('the retry speed', () => {
  it('divides the remaining wait once, and moves the other times by the same amount', () => {
    const { body, visibleAtMs } = accelerate('http_status');
    expect(visibleAtMs).toBe(NOW_MS + 60_000);
    expect(body).toEqual({
      record: { id: 'whs_1', data: {} },
      destination: 'crm',
      attempt: 2,
      firstAt: '2026-03-05T09:05:00.000Z',
      notBefore: '2026-03-05T09:16:00.000Z',
      lastFailure: { reason: 'http_status', cause: null, status: 503 },
    });
  });

  it('leaves a message whose times cannot be read, and reports what fails between two calls', async () => {
    const errors: unknown[] = [];
    const results: unknown[] = [];
    accelerator = createRetryAccelerator({
      editDelayed(edit) {
        const message = { ...RETRY, notBefore: 'soon', firstAt: '2026-99-99' };
        results.push(edit({ messageId: 'm1', body: JSON.stringify(message), visibleAtMs: NOW_MS }));
        if (results.length > 1) throw new Error('the queue is gone');
      },
      onRescheduled: () => {},
      now: () => NOW_MS,
      onError: (error) => errors.push(error),
    });
    accelerator.setSpeed(10);
    await expect.poll(() => errors.length).toBeGreaterThan(0);
    expect(results[0]).toBeNull();
    expect(errors[0]).toEqual(new Error('the queue is gone'));
  });

  it('does not change a delivery while its circuit breaker is open', () => {
    expect(accelerate('circuit_open').visibleAtMs).toBe(NOW_MS + 600_000);
  });
});
