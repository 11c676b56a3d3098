import { describe, expect, it } from 'vitest';
import { encodeBody, encodeCompressedBody } from '../../lib/receive/quarantine-message.ts';
import { aRecord } from '../support/a-record.ts';
import { createTestOperator, STARTED_AT } from '../support/operator.ts';

const LAST_AT = '2026-03-05T10:00:00.000Z';
const letter = (id: string, email: string): object => ({
  record: aRecord({
    id,
    data: { customer: null, unmapped: { 'data.guest': email } },
  }),
  destination: 'crm',
  reason: 'rejected',
  lastFailure: null,
  detail: null,
  attempts: 1,
  firstAt: LAST_AT,
  lastAt: LAST_AT,
  responseBody: null,
});
const webhook = (id: string, body: object): object => ({
  receivedAt: LAST_AT,
  id,
  format: null,
  event: 'voucherify.x',
  mapping: null,
  issues: [{ path: 'data.customer', message: 'Expected a customer' }],
  headers: {},
  body,
});
const JOSE = 'josé@example.test';
const OTHER = 'ida.quay@example.test';
const LETTERS = [
  letter('whs_1', JOSE),
  letter('whs_2', OTHER),
  { reason: 'invalid_message', issues: [], body: `guest=${JOSE}`, lastAt: LAST_AT },
  `{"note":"jos\\u00e9@example.test`,
];
const WEBHOOKS = [
  webhook('whs_text', { encoding: 'utf8', text: '{"guest":"JOS\\u00c9@example.test"}' }),
  webhook('whs_compressed', encodeCompressedBody(Buffer.from(JSON.stringify({ guest: JOSE })))),
  webhook('whs_bytes', encodeBody(Buffer.from(`guest=${JOSE}`, 'latin1'))),
  webhook('whs_damaged', { encoding: 'gzip+base64', text: 'AAAA' }),
  webhook('whs_other', { encoding: 'utf8', text: JSON.stringify({ guest: OTHER }) }),
];
const idsOf = (report: unknown): unknown[] =>
  (report as { matches: { id: string | null }[] }).matches.map(({ id }) => id);

describe('a search of a queue', () => {
  it.each<['dead-letters' | 'quarantine', object, readonly (string | null)[]]>([
    ['dead-letters', { texts: [JOSE] }, ['whs_1', null, null]],
    ['dead-letters', { texts: [OTHER, 'none'] }, ['whs_2']],
    ['dead-letters', { ids: ['whs_2'] }, ['whs_2']],
    ['dead-letters', { ids: ['whs_2'], texts: [JOSE] }, ['whs_1', 'whs_2', null, null]],
    ['dead-letters', { texts: ['none'] }, []],
    ['quarantine', { texts: [JOSE] }, ['whs_text', 'whs_compressed', 'whs_bytes']],
    ['quarantine', { ids: ['whs_damaged'] }, ['whs_damaged']],
    ['quarantine', { texts: [OTHER] }, ['whs_other']],
  ])('of %s for %j finds %j, and keeps everything', async (from, criteria, ids) => {
    const messages = from === 'quarantine' ? WEBHOOKS : LETTERS;
    const { run, queue } = createTestOperator(messages, from);
    const before = queue.bodies();
    const { report } = await run({ command: 'search-queue', ...criteria });
    expect(report).toMatchObject({ scanned: messages.length, matched: ids.length });
    expect(idsOf(report)).toEqual(ids);
    expect([queue.bodies(), queue.hiddenBodies()]).toEqual([before, []]);
    expect(JSON.stringify(report)).not.toContain('@');
  });

  it('says what a person may see', async () => {
    const deadLetters = await createTestOperator(LETTERS).run({
      command: 'search-queue',
      ids: ['whs_1'],
    });
    expect(deadLetters.report).toMatchObject({
      matches: [
        {
          id: 'whs_1',
          event: 'voucherify.manual_distribution_schedule',
          at: LAST_AT,
          destination: 'crm',
          reason: 'rejected',
          issues: [],
        },
      ],
    });
    const quarantined = await createTestOperator(WEBHOOKS, 'quarantine').run({
      command: 'search-queue',
      ids: ['whs_text'],
    });
    expect(quarantined.report).toMatchObject({
      matches: [
        {
          id: 'whs_text',
          event: 'voucherify.x',
          at: LAST_AT,
          destination: null,
          reason: null,
          issues: [{ path: 'data.customer', message: 'Expected a customer' }],
        },
      ],
    });
  });

  it('lists 50 matches, and counts all', async () => {
    const letters = Array.from({ length: 6_000 }, (_, n) => letter(`whs_${n}`, JOSE));
    const { run } = createTestOperator(letters);
    const { report } = await run({ command: 'search-queue', texts: [JOSE] });
    expect(report).toMatchObject({ matched: 6_000 });
    expect(idsOf(report)).toHaveLength(50);
  });
});

describe('erase of a queue', () => {
  it.each<['dead-letters' | 'quarantine', number]>([
    ['dead-letters', 3],
    ['quarantine', 3],
  ])('deletes from %s what a search finds, and nothing else', async (from, count) => {
    const messages = from === 'quarantine' ? WEBHOOKS : LETTERS;
    const { run, queue } = createTestOperator(messages, from);
    const preview = await run({ command: 'erase-queue', texts: [JOSE], dryRun: true });
    expect(preview.report).toMatchObject({ matched: count, erased: 0, dryRun: true });
    expect(queue.bodies()).toHaveLength(messages.length);

    const { report } = await run({ command: 'erase-queue', texts: [JOSE] });
    expect(report).toMatchObject({ matched: count, erased: count, dryRun: false });
    expect(queue.bodies()).toHaveLength(messages.length - count);
    expect(queue.hiddenBodies()).toEqual([]);
    const again = await run({ command: 'search-queue', texts: [JOSE] });
    expect(again.report).toMatchObject({ matched: 0 });
  });

  it('says how many matched and could not be deleted', async () => {
    const { queue, invoke } = createTestOperator(LETTERS);
    const refusing = createTestOperator([], 'dead-letters', {
      queues: {
        quarantine: queue,
        'dead-letters': {
          ...queue,
          deleteMessages: async (messages) =>
            messages.map(({ handle }) => ({ handle, cause: 'AccessDenied' })),
        },
      },
    });
    const { report } = await refusing.run({ command: 'erase-queue', ids: ['whs_1'] });
    expect(report).toMatchObject({
      matched: 1,
      erased: 0,
      failed: 1,
      failures: [{ cause: 'AccessDenied', count: 1 }],
    });
    expect(
      await invoke({ command: 'search-queue', from: 'dead-letters', ids: ['whs_1'] }),
    ).toMatchObject({ matched: 1 });
  });

  it('keeps what was put on the queue after it began', async () => {
    const later = {
      body: JSON.stringify(letter('whs_3', JOSE)),
      sentAt: new Date(STARTED_AT.getTime() + 1),
    };
    const { run, queue } = createTestOperator([later]);
    const { report } = await run({ command: 'erase-queue', texts: [JOSE] });
    expect(report).toMatchObject({ matched: 0, later: 1 });
    expect(queue.bodies()).toHaveLength(1);
  });
});
