import { describe, expect, it } from 'vitest';
import type { DeliveryDeadLetter } from '../../lib/fan-out/queue-messages.ts';
import { aRecord } from '../support/a-record.ts';
import { createTestOperator, STARTED_AT } from '../support/operator.ts';
import { readBody, sample } from '../support/samples.ts';

const LAST_AT = '2026-03-05T10:00:00.000Z';
const JUST_AFTER = '2026-03-05T10:00:00.001Z';
const JUST_BEFORE = '2026-03-05T09:59:59.999Z';

const aDeadLetter = (
  id: string,
  destination: string | null,
  changes: Partial<DeliveryDeadLetter> = {},
): DeliveryDeadLetter => ({
  record: aRecord({ id }),
  destination,
  reason: destination === null ? 'unrouted' : 'rejected',
  lastFailure: null,
  detail: null,
  attempts: 1,
  firstAt: LAST_AT,
  lastAt: LAST_AT,
  responseBody: null,
  ...changes,
});

const LETTERS = [
  aDeadLetter('whs_crm', 'crm'),
  aDeadLetter('whs_sms', 'sms', { reason: 'too_old' }),
  aDeadLetter('whs_unrouted', null),
  // moved by SQS: it was put on its queue at LAST_AT
  { body: JSON.stringify(aRecord({ id: 'whs_redriven' })), sentAt: new Date(LAST_AT) },
  // given up as unknown by an older release, after somebody had moved it back
  {
    reason: 'invalid_message',
    issues: ['is no record'],
    body: JSON.stringify(aDeadLetter('whs_nested', 'crm', { reason: 'too_old' })),
    lastAt: LAST_AT,
  },
];
const ALL = ['whs_crm', 'whs_nested', 'whs_redriven', 'whs_sms', 'whs_unrouted'];

describe('a replay of dead letters', () => {
  it.each<[object, readonly string[]]>([
    [{}, ALL],
    [{ ids: null, reasons: null, destination: null, since: null, until: null }, ALL],
    [{ ids: ['whs_sms', 'whs_nested', 'whs_unknown'] }, ['whs_nested', 'whs_sms']],
    [{ reasons: ['too_old'] }, ['whs_nested', 'whs_sms']],
    [{ reasons: ['unrouted', 'redriven'] }, ['whs_redriven', 'whs_unrouted']],
    [{ destination: 'crm' }, ['whs_crm', 'whs_nested']],
    [{ destination: 'crm', reasons: ['rejected'] }, ['whs_crm']],
    [{ destination: 'none' }, []],
    [{ since: LAST_AT }, ALL],
    [{ since: JUST_AFTER }, []],
    [{ until: LAST_AT }, []],
    [{ until: JUST_AFTER }, ALL],
    [{ since: JUST_BEFORE, until: JUST_AFTER, destination: 'sms' }, ['whs_sms']],
  ])('of %j takes %j', async (filter, ids) => {
    const { run, deliveries, records, queue } = createTestOperator(LETTERS);
    const { report } = await run({ command: 'replay', ...filter });
    const taken = [...deliveries.map(({ record }) => record), ...records] as { id: string }[];
    expect(taken.map(({ id }) => id).sort()).toEqual(ids);
    expect(report).toMatchObject({ scanned: 5, replayed: ids.length, skipped: 5 - ids.length });
    expect(queue.bodies()).toHaveLength(5 - ids.length);
    expect(queue.hiddenBodies()).toEqual([]);
  });

  it('delivers to another destination with as, also a record as a whole, and logs to which', async () => {
    const { run, deliveries, records, indexed, telemetry } = createTestOperator(LETTERS);
    await run({ command: 'replay', as: 'mail', ids: ['whs_sms', 'whs_unrouted'] });
    expect(deliveries.map(({ record, ...rest }) => [record.id, rest])).toEqual(
      ['whs_sms', 'whs_unrouted'].map((id) => [
        id,
        { destination: 'mail', requestedAt: STARTED_AT.toISOString() },
      ]),
    );
    expect(records).toEqual([]);
    expect(indexed.toSorted()).toEqual(['whs_sms mail', 'whs_unrouted mail']);
    expect(telemetry.replays).toEqual(
      ['whs_sms', 'whs_unrouted'].map((id) => ({
        id,
        from: 'dead-letters',
        status: 'replayed',
        as: 'mail',
      })),
    );
  });

  it('groups what it found, and lists no more than 100 groups', async () => {
    const letters = Array.from({ length: 250 }, (_, n) => aDeadLetter(`whs_${n}`, `to-${n}`));
    const { run } = createTestOperator(letters);
    const { report } = await run({ command: 'replay', dryRun: true });
    expect(report).toMatchObject({ wouldReplay: 250, others: 150 });
    expect(report).toHaveProperty('deadLetters.length', 100);
  });
});

const aWebhook = (id: string, changes: object = {}): object => ({
  receivedAt: LAST_AT,
  id,
  format: null,
  event: 'voucherify.x',
  mapping: null,
  issues: [{ path: 'data.customer', message: 'Expected a customer' }],
  headers: {},
  body: { encoding: 'utf8', text: readBody(sample('promotion')).toString() },
  ...changes,
});
const WEBHOOKS = [
  aWebhook('sha_plain'),
  aWebhook('sha_mapped', { mapping: 'berths', issues: [{ path: '', message: 'No mapping' }] }),
  aWebhook('sha_still', { body: { encoding: 'utf8', text: '{"berth":4}' } }),
  aWebhook('sha_later', { receivedAt: JUST_AFTER }),
];

describe('a replay of quarantine', () => {
  it.each<[object, readonly string[], number]>([
    [{ mapping: null }, ['sha_later', 'sha_mapped', 'sha_plain'], 1],
    [{ mapping: null, ids: ['sha_plain'] }, ['sha_plain'], 0],
    [{ mapping: null, reasons: [''] }, ['sha_mapped'], 0],
    [{ mapping: null, reasons: ['data.customer'] }, ['sha_later', 'sha_plain'], 1],
    [{ mapping: null, postedTo: 'berths' }, ['sha_mapped'], 0],
    [{ mapping: null, postedTo: null }, ['sha_later', 'sha_plain'], 1],
    [{ mapping: null, since: JUST_AFTER }, ['sha_later'], 0],
    [{ mapping: null, until: JUST_AFTER }, ['sha_mapped', 'sha_plain'], 1],
  ])('of %j takes %j, and leaves %i that is still invalid', async (filter, ids, invalid) => {
    const { run, records, queue } = createTestOperator(WEBHOOKS, 'quarantine');
    const { report } = await run({ command: 'replay', ...filter });
    expect(records).toHaveLength(ids.length);
    const skipped = 4 - ids.length - invalid;
    expect(report).toMatchObject({ scanned: 4, valid: ids.length, invalid, skipped });
    const left = queue.bodies().map((body) => (JSON.parse(body) as { id: string }).id);
    expect([...left, ...ids].sort()).toEqual(['sha_later', 'sha_mapped', 'sha_plain', 'sha_still']);
    expect(queue.hiddenBodies()).toEqual([]);
  });

  it('leaves what is still invalid as it was', async () => {
    const { run, queue } = createTestOperator(WEBHOOKS.slice(2, 3), 'quarantine');
    const before = queue.bodies();
    await run({ command: 'replay' });
    expect(queue.bodies()).toEqual(before);
  });

  it('sends dead letters on that somebody moved there, and finds them in a search', async () => {
    const moved = [...LETTERS, ...WEBHOOKS.slice(0, 1)];
    const { run, records, deliveries, queue } = createTestOperator(moved, 'quarantine');
    const search = await run({ command: 'search-queue', ids: ['whs_nested'] });
    expect(search.report).toMatchObject({ matches: [{ id: 'whs_nested', reason: 'too_old' }] });
    const skipping = await run({ command: 'replay', postedTo: 'none' });
    expect(skipping.report).toMatchObject({ valid: 0, skipped: 6 });

    const { report } = await run({ command: 'replay', ids: ALL });
    expect(report).toMatchObject({ valid: 5, skipped: 1, unparsable: 0 });
    expect(records).toHaveLength(2);
    expect(deliveries.map(({ destination }) => destination).sort()).toEqual(['crm', 'crm', 'sms']);
    expect(queue.bodies()).toHaveLength(1);
  });
});
