import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../lib/fan-out/queue-messages.ts';
import { aRecord } from '../support/a-record.ts';

const retry = {
  record: aRecord(),
  destination: 'crm',
  attempt: 2,
  firstAt: '2026-03-05T09:15:05.000Z',
  notBefore: '2026-03-05T09:15:10.000Z',
  lastFailure: { reason: 'http_status', cause: null, status: 503 },
};

describe('a message of the queues', () => {
  it('is a record', () => {
    const record = aRecord();
    expect(parseMessage(JSON.stringify(record))).toEqual({ kind: 'record', record });
  });

  it('is a retry when it wraps a record', () => {
    expect(parseMessage(JSON.stringify(retry))).toEqual({ kind: 'retry', retry });
  });

  it.each([
    ['not JSON', '{"id": "x"', ['is not JSON']],
    ['empty', '', ['is not JSON']],
    ['not an object', '17', ['the message: expected Object']],
    [
      'a record without an id',
      JSON.stringify({ ...aRecord(), id: undefined }),
      ['id: expected "id"'],
    ],
    [
      'a record with a voucher code of the wrong type',
      JSON.stringify(aRecord()).replace('"HARBOUR-K7Q2"', '4711'),
      ['data.voucher.code: expected string'],
    ],
    [
      'a retry whose record is not one',
      JSON.stringify({ ...retry, record: { secret: 'HARBOUR-K7Q2' } }),
      expect.arrayContaining(['record.id: expected "id"']) as string[],
    ],
    [
      'a retry with an impossible attempt',
      JSON.stringify({ ...retry, attempt: 0 }),
      ['attempt: expected >=1'],
    ],
    [
      'a retry with a time that is not one',
      JSON.stringify({ ...retry, notBefore: 'HARBOUR-K7Q2' }),
      [expect.stringMatching(/^notBefore: expected /)],
    ],
    [
      'a retry whose last failure is not one',
      JSON.stringify({ ...retry, lastFailure: 'HARBOUR-K7Q2' }),
      ['lastFailure: expected Object'],
    ],
  ])('is invalid when it is %s', (_what, body, issues) => {
    const parsed = parseMessage(body);
    expect(parsed).toEqual({ kind: 'invalid', issues });
    expect(JSON.stringify(parsed)).not.toContain('HARBOUR');
  });

  it('is a retry too when a newer release failed for a reason that this one does not know', () => {
    const lastFailure = { reason: 'HARBOUR-K7Q2', cause: null, status: 1 };
    const parsed = parseMessage(JSON.stringify({ ...retry, lastFailure }));
    expect(parsed).toEqual({
      kind: 'retry',
      retry: { ...retry, lastFailure: { reason: 'unknown', cause: null, status: 1 } },
    });
  });

  it('never throws, whatever its content', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(parseMessage(body).kind).toBe('invalid');
      }),
    );
  });
});
