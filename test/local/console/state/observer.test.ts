import { beforeEach, describe, expect, it } from 'vitest';
import { createCounters } from '../../../../lib/local/console/state/counters.ts';
import {
  type ConsoleObserver,
  createStateObserver,
} from '../../../../lib/local/console/state/observer.ts';
import { createStore, type Store } from '../../../../lib/local/console/state/store.ts';
import type { DeliveryLog } from '../../../../lib/telemetry/log-lines.ts';

const NOW_MS = 1_800_000_000_000;
const DELIVERY = {
  destination: 'crm-first',
  record: { id: 'whs_1', data: {} },
  requestedAt: '2026-03-05T09:15:00.000Z',
};

let store: Store;
let observer: ConsoleObserver;

beforeEach(() => {
  store = createStore();
  observer = createStateObserver({
    store,
    counters: createCounters(),
    checkSignature: () => 'raw',
    getQueueId: (name) => name,
    // renamed: its queue keeps the first name
    getDestinationOfQueue: (name) => (name === 'to-crm-first' ? 'crm' : null),
    queueDestinations: new Map(),
    now: () => NOW_MS,
  });
});

function send(queueName: string, message: object): void {
  observer.onMessageSent({ queueName, body: JSON.stringify(message), sentAt: new Date(NOW_MS) });
}

function log(changes: Partial<DeliveryLog>): void {
  const entry: DeliveryLog = {
    id: 'whs_1',
    event: 'voucherify.voucher.published',
    destination: 'crm',
    status: 'delivered',
    ms: 12,
    ...changes,
  };
  const line = { functionName: 'fanOut', environmentId: '', requestId: null, text: '' };
  observer.onLine(line, { kind: 'delivery', entry });
}

const deliveries = () => [...store.getOrCreateTimeline('whs_1').deliveries.values()];

describe('a message on the queue of a destination', () => {
  it('is a delivery that waits, under the name of its destination', () => {
    send('to-crm-first', DELIVERY);
    expect(deliveries()).toEqual([
      { destination: 'crm', status: 'waiting', attempts: 0, nextAt: null, reason: null },
    ]);
  });

  it('lets a delivery that was given up wait again, and changes none that was delivered', () => {
    log({ status: 'dead', reason: 'rejected', failure: 'http_status', attempt: 1 });
    send('to-crm-first', DELIVERY);
    expect(deliveries()).toMatchObject([{ status: 'waiting', attempts: 1 }]);
    log({ status: 'delivered', attempt: 2 });
    send('to-crm-first', DELIVERY);
    expect(deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });

  it.each([
    ['another queue', 'records', DELIVERY],
    ['another form', 'to-crm-first', { id: 'whs_1' }],
  ])('of %s is none', (_case, queueName, message) => {
    send(queueName, message);
    expect(deliveries()).toEqual([]);
  });
});

it('a delivery that did not come to its turn keeps the number of its attempts', () => {
  log({ status: 'waiting', failure: 'http_status', httpStatus: 503, attempt: 3 });
  log({ status: 'waiting', failure: 'circuit_open', nextInSeconds: 30 });
  expect(deliveries()).toMatchObject([
    { status: 'waiting', attempts: 3, nextAt: NOW_MS + 30_000, reason: 'circuit_open' },
  ]);
});
