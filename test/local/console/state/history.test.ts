import { describe, expect, it } from 'vitest';
import {
  MAX_HISTORY_CHARACTERS,
  parseHistory,
  serializeHistory,
} from '../../../../lib/local/console/state/history.ts';
import type { ReceivedWebhook } from '../../../../lib/local/console/state/received-webhook.ts';
import { createStore, type Store } from '../../../../lib/local/console/state/store.ts';
import {
  addAttempt,
  addExchange,
  setDeliveryStatus,
} from '../../../../lib/local/console/state/timeline.ts';

const NOW_MS = 1_800_000_000_000;

let count = 0;
function receive(store: Store, id: string, changes: Partial<ReceivedWebhook> = {}): void {
  count += 1;
  store.addWebhook({
    key: `key-${count}`,
    number: store.nextNumber(),
    at: NOW_MS - 60_000,
    ms: 5,
    path: '/webhooks/voucherify',
    headers: { 'content-type': 'application/json' },
    body: '{"customer":{"name":"Zoë 🌷"}}',
    bytes: 30,
    truncatedCharacters: 0,
    isBase64: false,
    signatureStatus: 'raw',
    httpStatus: 202,
    log: { status: 'queued', httpStatus: 202, ms: 5, id },
    isPast: false,
    ...changes,
  });
}

function deliver(store: Store, id: string): void {
  const timeline = store.getOrCreateTimeline(id);
  timeline.recordText = JSON.stringify({ id, data: {} });
  timeline.distribution = 'Birthday mail';
  addExchange(
    timeline,
    'crm',
    {
      head: 'POST /crm',
      body: '{}',
      truncatedCharacters: 0,
      recordCount: 1,
      response: { head: '200', body: '', ms: 3 },
    },
    NOW_MS,
  );
  const entry = { id, event: 'e', ms: 4, attempt: 1 };
  addAttempt(timeline, { ...entry, destination: 'crm', status: 'delivered' }, NOW_MS);
  const failed = { failure: 'http_status', httpStatus: 500, nextInSeconds: 60 } as const;
  addAttempt(timeline, { ...entry, destination: 'mail', status: 'waiting', ...failed }, NOW_MS);
  setDeliveryStatus(timeline, 'sms', 'in_progress');
  store.markChanged(timeline);
}

async function restart(store: Store): Promise<Store> {
  const next = createStore();
  next.restore(parseHistory(await serializeHistory(store, NOW_MS)) ?? []);
  return next;
}

const rowsOf = (store: Store) => store.getRowsChangedSince(0);

describe('the history of an earlier run', () => {
  it('has the webhooks and what happened to their records, in their order', async () => {
    const store = createStore();
    receive(store, 'whs_1');
    deliver(store, 'whs_1');
    receive(store, 'whs_1');
    receive(store, 'whs_2', { httpStatus: 401, log: null });
    const next = await restart(store);
    const [first, second, third] = rowsOf(next);
    expect(first).toMatchObject({ recordId: 'whs_1', isPast: true, isDuplicate: false });
    expect(first).toMatchObject({ distribution: 'Birthday mail', number: 1 });
    expect(second).toMatchObject({ recordId: 'whs_1', isDuplicate: true });
    expect(third).toMatchObject({ recordId: null, httpStatus: 401 });
    const [webhook] = store.webhooks();
    const [restored] = next.webhooks();
    expect(restored).toEqual({ ...webhook, isPast: true });
    const [before, after] = [store.findTimeline(webhook!), next.findTimeline(restored!)];
    expect(after?.recordText).toBe(before?.recordText);
    expect(after?.attempts[0]).toEqual(before?.attempts[0]);
    expect(next.nextNumber()).toBe(4);
  });

  it('shows what waited or was in progress as ended, because its queue is gone', async () => {
    const store = createStore();
    receive(store, 'whs_1');
    deliver(store, 'whs_1');
    const next = await restart(store);
    const [row] = rowsOf(next);
    expect(row?.deliveries).toMatchObject([
      { destination: 'crm', status: 'delivered' },
      { destination: 'mail', status: 'ended', nextAt: null, reason: 'http_status 500' },
      { destination: 'sms', status: 'ended', nextAt: null },
    ]);
    const timeline = next.findTimeline(next.webhooks()[0]!);
    expect(timeline?.attempts.map(({ nextAt }) => nextAt)).toEqual([null, null]);
    expect(timeline?.events.at(-1)).toMatchObject({ destination: 'sms', at: NOW_MS });
    expect(rowsOf(await restart(next))).toMatchObject([{ deliveries: row?.deliveries }]);
  });

  it('is not changed by a webhook of this run with the same id, which is no repetition', async () => {
    const store = createStore();
    receive(store, 'whs_1', {
      log: { status: 'quarantined', httpStatus: 202, ms: 1, id: 'whs_1' },
    });
    const next = await restart(store);
    receive(next, 'whs_1');
    deliver(next, 'whs_1');
    const [past, present] = rowsOf(next);
    expect(past).toMatchObject({ status: 'quarantined', deliveries: [], isPast: true });
    expect(present).toMatchObject({ isDuplicate: false, isPast: false, number: 2 });
    expect(present?.deliveries.length).toBe(3);
    expect(next.getWebhook('whs_1')?.isPast).toBe(false);
  });

  it('makes room for the webhooks of this run', async () => {
    const store = createStore();
    for (let index = 0; index < 1_000; index += 1) receive(store, `whs_${index}`);
    const next = await restart(store);
    receive(next, 'whs_new');
    expect(rowsOf(next).length).toBe(1_000);
    expect(next.getWebhook('whs_0')).toBeNull();
  });

  it('has the newest webhooks that fit', async () => {
    const store = createStore();
    for (const id of ['whs_old', 'whs_mid', 'whs_new']) {
      receive(store, id, { body: 'x'.repeat(1_000) });
      deliver(store, id);
    }
    const history = await serializeHistory(store, NOW_MS, 6_000);
    expect(history.length).toBeLessThan(6_100);
    expect(parseHistory(history)?.map(({ webhook }) => webhook.log?.id)).toEqual([
      'whs_mid',
      'whs_new',
    ]);
    expect(MAX_HISTORY_CHARACTERS).toBeLessThan(10_000_000);
  });
});

describe('no history', () => {
  it.each([
    ['an empty text', ''],
    ['no JSON', '{"version":1,'],
    ['another version', '{"version":2,"savedAt":1,"timelines":[],"webhooks":[]}'],
    ['another form', '{"version":1,"savedAt":1,"timelines":[],"webhooks":[{"webhook":{}}]}'],
  ])('is read from %s', (_case, text) => {
    expect(parseHistory(text)).toBeNull();
  });
});

it('a store that is cleared has nothing, and says so by its generation', async () => {
  const store = createStore();
  receive(store, 'whs_1');
  deliver(store, 'whs_1');
  const next = await restart(store);
  receive(next, 'whs_2');
  const { generation, revision } = { generation: next.generation(), revision: next.revision() };
  next.clear();
  expect(rowsOf(next)).toEqual([]);
  expect([...next.timelines()]).toEqual([]);
  expect(next.generation()).toBe(generation + 1);
  expect(next.revision()).toBeGreaterThan(revision);
});
