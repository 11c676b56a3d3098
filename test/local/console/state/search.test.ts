import { beforeEach, describe, expect, it } from 'vitest';
import type { Filter } from '../../../../lib/local/console/commands.ts';
import type { ReceivedWebhook } from '../../../../lib/local/console/state/received-webhook.ts';
import { createSearch } from '../../../../lib/local/console/state/search.ts';
import { createStore, type Store } from '../../../../lib/local/console/state/store.ts';
import { setDeliveryStatus } from '../../../../lib/local/console/state/timeline.ts';
import type { WebhookLog } from '../../../../lib/telemetry/log-lines.ts';

const ANY: Filter = { text: '', event: null, distribution: null, state: null };

let store: Store;
let count = 0;

function receive(id: string, body: string, log: Partial<WebhookLog> = {}): void {
  count += 1;
  const webhook: ReceivedWebhook = {
    key: `key-${id}`,
    number: count,
    at: 0,
    ms: 1,
    path: '/webhooks/voucherify',
    headers: {},
    body,
    bytes: body.length,
    truncatedCharacters: 0,
    isBase64: false,
    signatureStatus: 'raw',
    httpStatus: log.httpStatus ?? 202,
    log: { status: 'queued', httpStatus: 202, ms: 1, id, ...log },
    isPast: false,
  };
  store.addWebhook(webhook);
}

function toRecordOf(id: string, data: object): void {
  store.getOrCreateTimeline(id).recordText = JSON.stringify({ id, data });
}

const find = async (filter: Partial<Filter>): Promise<string[]> =>
  (await createSearch(store).find({ ...ANY, ...filter })).map((key) => key.replace('key-', ''));

beforeEach(() => {
  store = createStore();
  receive('whs_mara', '{}', { event: 'voucherify.manual_distribution_schedule' });
  toRecordOf('whs_mara', {
    distributionLabel: 'Birthday mail',
    distribution: { id: 'distr_7' },
    customer: {
      email: 'Mara.Lindqvist@example.com',
      sourceId: 'shop-20871',
      name: 'Mara Lindqvist',
    },
    voucher: { code: 'HARBOUR-PCT-15', campaignName: 'Rainy days' },
  });
  store.getOrCreateTimeline('whs_mara').distribution = 'Birthday mail';
  // the body of a quarantined webhook may be broken
  receive('whs_odd', '{"customer": {"email": "odd@example.com", "code": "ODD-1", }', {
    status: 'quarantined',
  });
  receive('whs_no', '{}', { status: 'rejected', httpStatus: 401 });
});

describe('the search', () => {
  it.each([
    ['a part of an e-mail address, in any case', 'lindqvist@EXAMPLE', ['whs_mara']],
    ['a source id', 'shop-20871', ['whs_mara']],
    ['a part of a name', 'mara l', ['whs_mara']],
    ['the label of a distribution', 'birthday', ['whs_mara']],
    ['the id of a distribution', 'distr_7', ['whs_mara']],
    ['a campaign', 'rainy', ['whs_mara']],
    ['an event', 'manual_distribution', ['whs_mara']],
    ['the id of a record', 'whs_odd', ['whs_odd']],
    ['a customer in a body that is no JSON', 'odd@example.com', ['whs_odd']],
    ['a whole code', 'HARBOUR-PCT-15', ['whs_mara']],
    ['a whole code in a body that is no JSON', 'ODD-1', ['whs_odd']],
    ['white space around', ' distr_7 ', ['whs_mara']],
  ])('finds a webhook by %s', async (_case, text, found) => {
    expect(await find({ text })).toEqual(found);
  });

  it.each(['HARBOUR', 'harbour-pct-15', 'nobody'])('does not find %s', async (text) => {
    expect(await find({ text })).toEqual([]);
  });

  it('reads a record that comes after its webhook was searched', async () => {
    const search = createSearch(store);
    receive('whs_late', '{}');
    expect(await search.find({ ...ANY, text: 'LATE-1' })).toEqual([]);
    toRecordOf('whs_late', { voucher: { code: 'LATE-1' } });
    expect(await search.find({ ...ANY, text: 'LATE-1' })).toEqual(['key-whs_late']);
  });

  it('takes linear time, and lets the pipeline have its turn', async () => {
    const parts = ['"', String.raw`\"`, '"a":', '"a" ', '"code":"', '"code"'];
    for (const part of parts)
      for (let copy = 0; copy < 50; copy += 1)
        receive(`whs_${count}`, part.repeat(65_536 / part.length));
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const startedAt = performance.now();
    await find({ text: 'nobody' });
    clearInterval(timer);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('the filter', () => {
  it('lets through an event, a distribution, and both', async () => {
    expect(await find({ event: 'manual_distribution_schedule' })).toEqual(['whs_mara']);
    expect(await find({ distribution: 'Birthday mail' })).toEqual(['whs_mara']);
    expect(await find({ distribution: 'Birthday mail', event: 'other' })).toEqual([]);
  });

  it.each(['delivered', 'waiting', 'dead'] as const)(
    'lets through what has a delivery that is %s',
    async (state) => {
      expect(await find({ state })).toEqual([]);
      const timeline = store.getOrCreateTimeline('whs_mara');
      setDeliveryStatus(timeline, 'crm', state);
      setDeliveryStatus(timeline, 'mail', 'delivered');
      expect(await find({ state })).toEqual(['whs_mara']);
    },
  );

  it('lets through what was quarantined, and what was rejected', async () => {
    expect(await find({ state: 'quarantined' })).toEqual(['whs_odd']);
    expect(await find({ state: 'rejected' })).toEqual(['whs_no']);
  });
});
