import { describe, expect, it } from 'vitest';
import {
  addAttempt,
  addExchange,
  createTimeline,
  type RecordTimeline,
} from '../../../../lib/local/console/state/timeline.ts';
import type { DeliveryLog } from '../../../../lib/telemetry/log-lines.ts';

const NOW_MS = 1_800_000_000_000;
const ENTRY: DeliveryLog = {
  id: 'whs_1',
  event: 'voucherify.voucher.published',
  destination: 'crm',
  status: 'delivered',
  ms: 12,
  attempt: 1,
};
const EXCHANGE = {
  head: 'POST /mock/crm',
  body: '{}',
  truncatedCharacters: 0,
  recordCount: 1,
  response: { head: '200', body: '', ms: 11 },
};

function log(timeline: RecordTimeline, changes: Partial<DeliveryLog> = {}): void {
  addAttempt(timeline, { ...ENTRY, ...changes }, NOW_MS);
}

describe('the status of a delivery', () => {
  it.each([
    ['delivered', 'delivered'],
    ['duplicate', 'delivered'],
    ['in_progress', 'in_progress'],
    ['waiting', 'waiting'],
    ['dead', 'dead'],
  ] as const)('after a log line with status %s is %s', (...row) => {
    const [attemptStatus, deliveryStatus] = row;
    const timeline = createTimeline('whs_1');
    log(timeline, { status: attemptStatus });
    expect(timeline.attempts.map(({ status }) => status)).toEqual([attemptStatus]);
    expect(timeline.deliveries.get('crm')?.status).toBe(deliveryStatus);
  });

  it('stays delivered when a later attempt fails', () => {
    const timeline = createTimeline('whs_1');
    log(timeline);
    log(timeline, { status: 'waiting', failure: 'timeout', attempt: 2 });
    expect(timeline.deliveries.get('crm')?.status).toBe('delivered');
  });
});

describe('attempts', () => {
  it('say why a delivery waits or was given up: reason, failure, HTTP status, cause', () => {
    const timeline = createTimeline('whs_1');
    log(timeline);
    log(timeline, { status: 'waiting', failure: 'http_status', httpStatus: 503 });
    log(timeline, { status: 'dead', reason: 'rejected', failure: 'deliver_threw', cause: 'Error' });
    expect(timeline.attempts.map(({ reason }) => reason)).toEqual([
      null,
      'http_status 503',
      'rejected deliver_threw Error',
    ]);
  });

  it('get the exchange that came before their log line', () => {
    const timeline = createTimeline('whs_1');
    addExchange(timeline, 'crm', EXCHANGE, NOW_MS);
    log(timeline);
    expect(timeline.attempts[0]?.exchange).toEqual(EXCHANGE);
  });

  it('get the exchange that comes after their log line', () => {
    const timeline = createTimeline('whs_1');
    log(timeline);
    addExchange(timeline, 'crm', EXCHANGE, NOW_MS);
    expect(timeline.attempts[0]?.exchange).toEqual(EXCHANGE);
  });

  it('that were refused and made again at once have their own exchange', () => {
    const timeline = createTimeline('whs_1');
    const refused = { ...EXCHANGE, response: { head: '429', body: '', ms: 3 } };
    addExchange(timeline, 'crm', refused, NOW_MS);
    addExchange(timeline, 'crm', EXCHANGE, NOW_MS + 20_000);
    log(timeline);
    expect(timeline.attempts).toMatchObject([
      { status: 'waiting', attempt: null, ms: 3, exchange: refused },
      { status: 'delivered', attempt: 1, exchange: EXCHANGE },
    ]);
  });

  it('that an open circuit prevented have no exchange, and count as one', () => {
    const timeline = createTimeline('whs_1');
    const prevented = {
      status: 'waiting',
      attempt: undefined,
      failure: 'circuit_open',
      cause: 'http_status',
    } as const;
    log(timeline, prevented);
    log(timeline, { ...prevented, nextInSeconds: 30 });
    addExchange(timeline, 'crm', EXCHANGE, NOW_MS);
    log(timeline, { attempt: 2 });
    expect(timeline.attempts).toMatchObject([
      { status: 'waiting', repeatCount: 2, nextAt: NOW_MS + 30_000, exchange: null },
      { status: 'delivered', repeatCount: 1, exchange: EXCHANGE },
    ]);
  });
});
