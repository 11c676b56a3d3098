import { describe, expect, it } from 'vitest';
import { toQueueList } from '../../../../lib/local/console/server/queue-list.ts';
import type { StoredMessage } from '../../../../lib/local/emulator/queue-contents.ts';
import { aRecord } from '../../../support/a-record.ts';

const SENT_AT = new Date('2026-03-05T10:00:00.000Z');

let count = 0;
function store(message: unknown, sentAt = SENT_AT): StoredMessage {
  count += 1;
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  return { messageId: `m${count}`, body, sentAt, receiveCount: 0 };
}

const toContents = (...ready: StoredMessage[]) => ({ ready, delayed: [], inFlight: [] });
const getName = (id: string): string => (id === 'crm-first' ? 'crm' : id);
const record = aRecord();
const deadLetter = {
  record,
  destination: 'crm-first',
  reason: 'attempts_exhausted',
  lastFailure: { reason: 'no_response', cause: 'ECONNREFUSED', status: null },
  detail: null,
  attempts: 11,
  firstAt: '2026-03-05T09:00:00.000Z',
  lastAt: '2026-03-05T09:30:00.000Z',
  responseBody: null,
};

describe('the list of dead letters', () => {
  it.each([
    [
      'a delivery that was given up',
      deadLetter,
      {
        id: record.id,
        event: record.type,
        destination: 'crm',
        at: Date.parse(deadLetter.lastAt),
        reason: expect.stringMatching(/^all eleven attempts failed: .*\(ECONNREFUSED\)$/) as string,
      },
    ],
    [
      'a record that no destination accepts',
      { ...deadLetter, destination: null, reason: 'unrouted', lastFailure: null },
      {
        destination: null,
        reason: expect.stringContaining('no destination accepts the record') as string,
      },
    ],
    [
      'what SQS moved there by itself',
      record,
      {
        id: record.id,
        at: SENT_AT.getTime(),
        reason: expect.stringContaining('SQS moved') as string,
      },
    ],
    [
      'what nobody can parse',
      'not JSON',
      { id: null, reason: 'the message is neither a record nor a delivery' },
    ],
  ])('has %s', (_case, message, view) => {
    const { messages } = toQueueList('dead-letters', toContents(store(message)), getName);
    expect(messages).toMatchObject([view]);
  });

  it('begins with the newest, has 200 at most, and counts all, also those that are hidden', () => {
    const at = (number: number): StoredMessage => store(deadLetter, new Date(number));
    const contents = {
      ready: Array.from({ length: 250 }, (_each, index) => at(index + 1)),
      delayed: [],
      inFlight: [at(1_000)],
    };
    const { total, messages } = toQueueList('dead-letters', contents, getName);
    expect(total).toBe(251);
    expect(messages.length).toBe(200);
    expect(messages[0]?.messageId).toBe(contents.inFlight[0]?.messageId);
    expect(messages[1]?.messageId).toBe(contents.ready[249]?.messageId);
  });
});

describe('the list of quarantine', () => {
  const quarantined = {
    receivedAt: '2026-03-05T09:15:00.000Z',
    id: 'whs_1',
    format: null,
    event: 'voucherify.voucher.published',
    mapping: null,
    issues: ['', 'a', 'b', 'c', 'd'].map((path) => ({ path, message: 'is wrong' })),
    headers: {},
    body: { encoding: 'utf8', text: '{"email":"mara@example.com"}' },
  };

  it('has the first issues in words, and nothing of the body', () => {
    const list = toQueueList('quarantine', toContents(store(quarantined)), getName);
    expect(list.messages).toMatchObject([
      {
        id: 'whs_1',
        destination: null,
        reason: 'is wrong; a: is wrong; b: is wrong; 2 more',
        at: Date.parse(quarantined.receivedAt),
      },
    ]);
    expect(JSON.stringify(list)).not.toContain('mara@');
  });

  it('has a dead letter that somebody moved there', () => {
    const list = toQueueList('quarantine', toContents(store(deadLetter)), getName);
    expect(list.messages).toMatchObject([{ id: record.id, destination: 'crm' }]);
  });
});
