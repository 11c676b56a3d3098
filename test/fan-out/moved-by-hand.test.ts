import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { delivered, rejected } from '../../lib/destinations/outcome.ts';
import {
  type DeadLetter,
  type DeliveryDeadLetter,
  parseMessage,
} from '../../lib/fan-out/queue-messages.ts';
import { aRecord } from '../support/a-record.ts';
import { aDelivery, aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';

/** When somebody moved the messages in the console of SQS: they get a new SentTimestamp. */
const MOVED_AT = new Date(NOW.getTime() + 3_600_000);
const LAST_AT = NOW.toISOString();

function aDeadLetter(changes: Partial<DeliveryDeadLetter> = {}): DeliveryDeadLetter {
  return {
    record: aRecord(),
    destination: 'crm',
    reason: 'rejected',
    lastFailure: { reason: 'http_status', cause: null, status: 404 },
    detail: null,
    attempts: 1,
    firstAt: LAST_AT,
    lastAt: LAST_AT,
    responseBody: null,
    ...changes,
  };
}

/** What an older release made of a message that it did not know, as often as it was moved back. */
function wrap(message: unknown, times: number): unknown {
  if (times === 0) return message;
  const inner = wrap(message, times - 1);
  return {
    reason: 'invalid_message',
    issues: ['is no record'],
    body: typeof inner === 'string' ? inner : JSON.stringify(inner),
    lastAt: new Date(NOW.getTime() + times).toISOString(),
  };
}

beforeEach(() => void vi.useFakeTimers({ now: MOVED_AT }));
afterEach(() => void vi.useRealTimers());

describe.each([0, 1, 3, 6])('a dead letter that was wrapped %i times', (times) => {
  it('is parsed as what it is about, and of the time of its last wrapper', () => {
    const { record, destination, reason, lastFailure } = aDeadLetter();
    const lastAt = new Date(NOW.getTime() + times).toISOString();
    expect(parseMessage(JSON.stringify(wrap(aDeadLetter(), times)))).toEqual({
      kind: 'dead_letter',
      record,
      destination,
      reason,
      lastFailure,
      lastAt,
    });
  });

  it('goes to its destination, and to no other, when it is moved to [records]', async () => {
    const { route, queued, indexed, deadLetters } = createTestFanOut([
      aDestination({ name: 'crm', accepts: () => false }),
      aDestination({ name: 'sms' }),
    ]);
    expect(await route(wrap(aDeadLetter(), times))).toEqual([]);
    expect(queued.map(({ queue, message }) => [queue, message])).toEqual([
      ['crm', aDelivery(aRecord(), 'crm', { requestedAt: MOVED_AT.toISOString() })],
    ]);
    // the rows that it has name all of its destinations
    expect([indexed, deadLetters]).toEqual([[], []]);
  });

  it('is routed again when it is about the record as a whole', async () => {
    const { route, queued, deadLetters } = createTestFanOut([aDestination({ name: 'sms' })]);
    const unrouted = aDeadLetter({ destination: null, reason: 'unrouted', lastFailure: null });
    expect(await route(wrap(unrouted, times))).toEqual([]);
    expect(queued.map(({ queue }) => queue)).toEqual(['sms']);
    expect(deadLetters).toEqual([]);
  });

  it('is attempted again on the queue of its destination, although its row is dead', async () => {
    const crm = aDestination({ name: 'crm' }, (n) =>
      n === 0 ? rejected('http_status', { status: 404 }) : delivered(204),
    );
    const { deliver, deadLetters, telemetry } = createTestFanOut([crm]);
    vi.setSystemTime(NOW);
    await deliver('crm', aDelivery(aRecord(), 'crm'));
    expect(deadLetters).toHaveLength(1);

    vi.setSystemTime(MOVED_AT);
    expect(await deliver('crm', wrap(deadLetters[0], times))).toEqual([]);
    expect(telemetry.deliveries.map(({ status }) => status)).toEqual(['dead', 'delivered']);
    expect(deadLetters).toHaveLength(1);
  });
});

describe('a message that was moved by hand', () => {
  it('asks for its delivery when it was moved, and not before it was given up, whatever the clock of SQS says', async () => {
    const { route, deliverWith, queued, telemetry } = createTestFanOut([
      aDestination({ name: 'crm' }),
    ]);
    await deliverWith('crm', { sentAt: new Date(0) }, aDeadLetter());
    expect(telemetry.deliveries.map(({ status }) => status)).toEqual(['delivered']);
    await route(aDeadLetter());
    expect(queued.map(({ message }) => message.requestedAt)).toEqual([MOVED_AT.toISOString()]);
  });

  it('is a delivery on [records] too, where it goes to its destination', async () => {
    const { route, queued } = createTestFanOut([
      aDestination({ name: 'crm' }),
      aDestination({ name: 'sms' }),
    ]);
    await route(aDelivery(aRecord(), 'sms'), wrap(aDelivery(aRecord(), 'crm'), 2));
    expect(queued.map(({ queue }) => queue)).toEqual(['sms', 'crm']);
  });

  it('is given up again for a destination that is no longer declared', async () => {
    const { route, deliver, deadLetters, queued } = createTestFanOut([
      aDestination({ name: 'sms' }),
    ]);
    await route(aDeadLetter());
    await deliver('crm', aDeadLetter());
    expect(deadLetters).toMatchObject([
      { destination: 'crm', reason: 'unknown_destination' },
      { destination: 'crm', reason: 'unknown_destination' },
    ]);
    expect(queued).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    [
      'the dead letter of another destination',
      aDeadLetter({ destination: 'sms' }),
      'destination: is that of another queue',
    ],
    [
      'the dead letter of a record as a whole',
      aDeadLetter({ destination: null }),
      'is no delivery',
    ],
    ['a record', aRecord(), 'is no delivery'],
    ['not JSON', '{"code":"HARBOUR-K7Q2"', 'is not JSON'],
  ])(
    'becomes a dead letter on the queue of a destination when it is %s, and is wrapped once',
    async (_, message, issue) => {
      const { deliver, deadLetters } = createTestFanOut([aDestination({ name: 'crm' })]);
      await deliver('crm', message);
      const body = typeof message === 'string' ? message : JSON.stringify(message);
      expect(deadLetters).toEqual([
        { reason: 'invalid_message', issues: [issue], body, lastAt: MOVED_AT.toISOString() },
      ]);
      // moved back again and again, it does not grow
      await deliver('crm', deadLetters[0], wrap(message, 5));
      expect(deadLetters.map((each: DeadLetter) => 'body' in each && each.body)).toEqual([
        body,
        body,
        body,
      ]);
    },
  );
});
