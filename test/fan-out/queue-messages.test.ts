import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../lib/fan-out/queue-messages.ts';
import { aRecord } from '../support/a-record.ts';

const delivery = {
  record: aRecord(),
  destination: 'crm',
  requestedAt: '2026-03-05T09:15:05.000Z',
};

describe('a message of the queues', () => {
  it('is a record', () => {
    const record = aRecord();
    expect(parseMessage(JSON.stringify(record))).toEqual({ kind: 'record', record });
  });

  it('is a delivery when it wraps a record', () => {
    expect(parseMessage(JSON.stringify(delivery))).toEqual({ kind: 'delivery', delivery });
  });

  it('is a delivery too when it has a key of another release', () => {
    const older = JSON.stringify({ ...delivery, resentAt: null });
    expect(parseMessage(older)).toMatchObject({ kind: 'delivery', delivery });
    const newer = JSON.stringify({ ...delivery, priority: 'high' });
    expect(parseMessage(newer)).toMatchObject({ kind: 'delivery', delivery });
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
      'a delivery whose record is not one',
      JSON.stringify({ ...delivery, record: { secret: 'HARBOUR-K7Q2' } }),
      expect.arrayContaining(['record.id: expected "id"']) as string[],
    ],
    [
      'a delivery whose destination is not one',
      JSON.stringify({ ...delivery, destination: 7 }),
      ['destination: expected string'],
    ],
    [
      'a delivery with a time that is not one',
      JSON.stringify({ ...delivery, requestedAt: 'HARBOUR-K7Q2' }),
      [expect.stringMatching(/^requestedAt: expected /)],
    ],
  ])('is invalid when it is %s', (_what, body, issues) => {
    const parsed = parseMessage(body);
    expect(parsed).toEqual({ kind: 'invalid', issues });
    expect(JSON.stringify(parsed)).not.toContain('HARBOUR');
  });

  it('never throws, whatever its content', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(parseMessage(body).kind).toBe('invalid');
      }),
    );
  });
});
