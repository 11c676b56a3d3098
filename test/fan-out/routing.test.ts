import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeadLetterSchema } from '../../lib/fan-out/queue-messages.ts';
import type { OutgoingDelivery, SendResult } from '../../lib/fan-out/queues.ts';
import { ConfigError } from '../../lib/platform/config.ts';
import { aRecord } from '../support/a-record.ts';
import { aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';
import { aBatchOf, aContext } from '../support/lambda.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

/** A distribution of which nothing but its id is known. */
const DISTRIBUTION = {
  id: 'distr_w4',
  status: null,
  channels: null,
  consentsDisabled: null,
  createdAt: null,
  updatedAt: null,
  liveAt: null,
};
const refuse = async (): Promise<never> => Promise.reject(new TypeError('HARBOUR-K7Q2'));

/** Queues that answer for the n-th delivery of each destination, from 0, in this way. */
const respondBy =
  (toResult: (destination: string, n: number) => SendResult) =>
  async (destination: string, sent: readonly OutgoingDelivery[]): Promise<readonly SendResult[]> =>
    sent.map((_, n) => toResult(destination, n));
const STORED: SendResult = { kind: 'stored' };

describe('a record', () => {
  it('is put on the queue of every destination that accepts it, and nothing is attempted', async () => {
    const crm = aDestination({ name: 'crm' });
    const codes = aDestination({ name: 'codes', accepts: ({ data }) => data.purpose === 'code' });
    const none = aDestination({ name: 'none', accepts: () => false });
    const { route, queued, telemetry } = createTestFanOut([crm, codes, none]);

    expect(await route(aRecord())).toEqual([]);

    const message = { record: aRecord(), requestedAt: NOW.toISOString() };
    expect(queued).toMatchObject([
      { queue: 'crm', message: { ...message, destination: 'crm' } },
      { queue: 'codes', message: { ...message, destination: 'codes' } },
    ]);
    expect([crm.received, telemetry.deliveries, telemetry.errors]).toEqual([[], [], []]);
  });

  it('is in the index with all destinations, also with those that cannot have it', async () => {
    const { route, indexed } = createTestFanOut([
      aDestination({ name: 'crm' }),
      aDestination({ name: 'none', accepts: () => false }),
      aDestination({
        name: 'broken',
        accepts: () => {
          throw new TypeError('HARBOUR-K7Q2');
        },
      }),
    ]);
    await route(aRecord(), { neither: 'a record' });
    expect(indexed).toEqual([{ record: aRecord(), destinations: ['crm', 'broken'] }]);
  });

  it('is delivered without its index rows when they cannot be written, and the log says so', async () => {
    const { route, queued, telemetry } = createTestFanOut([aDestination({ name: 'crm' })], {
      index: { write: async () => ({ kind: 'not_stored', cause: 'SecretError' }) },
    });
    expect(await route(aRecord({ id: 'whs_1' }), aRecord({ id: 'whs_2' }))).toEqual([]);
    expect(queued.map(({ message }) => message.record.id)).toEqual(['whs_1', 'whs_2']);
    const error = { code: 'index_write_failed', cause: 'SecretError' };
    expect(telemetry.errors).toEqual([
      { ...error, id: 'whs_1' },
      { ...error, id: 'whs_2' },
    ]);
  });

  it('goes to the queue that a renamed destination has had from the first', async () => {
    const { route, queued } = createTestFanOut([
      aDestination({ name: 'loyalty-crm', formerly: 'crm' }),
    ]);
    await route(aRecord());
    expect(queued).toMatchObject([{ queue: 'crm', message: { destination: 'crm' } }]);
  });

  it('does not go to a destination that is retired', async () => {
    const { route, queued, deadLetters } = createTestFanOut([
      aDestination({ name: 'old', retired: true }),
      aDestination({ name: 'crm' }),
    ]);
    await route(aRecord());
    expect(queued.map(({ queue }) => queue)).toEqual(['crm']);
    expect(deadLetters).toEqual([]);
  });

  it('shares the queue fairly: its group is its distribution, else its event', async () => {
    const { route, queued } = createTestFanOut([aDestination({ name: 'crm' })]);
    const inCampaign = aRecord({ data: { distribution: DISTRIBUTION } });
    await route(inCampaign, aRecord({ type: 'voucherify.voucher.published' }));
    expect(queued.map(({ groupId }) => groupId)).toEqual([
      DISTRIBUTION.id,
      'voucherify.voucher.published',
    ]);
  });

  it('is put on its queues with the others of the batch, in one request for each destination', async () => {
    const requests: [string, number][] = [];
    const { route } = createTestFanOut(
      [aDestination({ name: 'crm' }), aDestination({ name: 'sms' })],
      {
        queues: {
          sendDeliveries: async (destination, sent) => {
            requests.push([destination, sent.length]);
            return sent.map(() => STORED);
          },
        },
      },
    );
    await route(...Array.from({ length: 10 }, (_, n) => aRecord({ id: `whs_${n}` })));
    expect(requests).toEqual([
      ['crm', 10],
      ['sms', 10],
    ]);
  });

  it('is routed alone from its third receive on, since with others it may have ended the function', async () => {
    const sizes: number[] = [];
    const { handler } = createTestFanOut([aDestination({ name: 'crm' })], {
      queues: {
        sendDeliveries: async (_destination, sent) => {
          sizes.push(sent.length);
          return sent.map(() => STORED);
        },
      },
    });
    const records = ['a', 'b', 'c'].map((id) => aRecord({ id }));
    for (const receiveCount of [2, 3]) {
      await handler(aBatchOf({ receiveCount }, ...records), aContext());
    }
    expect(sizes).toEqual([3, 1, 1, 1]);
  });

  it('that no destination accepts becomes a dead letter and an error', async () => {
    const { route, deadLetters, telemetry } = createTestFanOut([
      aDestination({ name: 'none', accepts: () => false }),
    ]);
    expect(await route(aRecord())).toEqual([]);
    expect(deadLetters).toMatchObject([
      { destination: null, reason: 'unrouted', lastFailure: null, detail: null, attempts: 0 },
    ]);
    expect(v.is(DeadLetterSchema, deadLetters[0])).toBe(true);
    expect(telemetry.errors).toEqual([{ code: 'unrouted', id: 'whs_hb7Kd93mQ' }]);
  });

  it('is given up for a destination whose accepts throws, and for no other', async () => {
    const broken = aDestination({
      name: 'broken',
      accepts: () => {
        throw new RangeError('HARBOUR-K7Q2');
      },
    });
    const { route, queued, deadLetters, telemetry } = createTestFanOut([
      broken,
      aDestination({ name: 'crm' }),
    ]);

    expect(await route(aRecord())).toEqual([]);

    expect(queued.map(({ queue }) => queue)).toEqual(['crm']);
    expect(deadLetters).toMatchObject([
      {
        destination: 'broken',
        reason: 'rejected',
        lastFailure: { reason: 'accepts_threw', cause: 'RangeError', status: null },
        attempts: 0,
      },
    ]);
    expect(v.is(DeadLetterSchema, deadLetters[0])).toBe(true);
    expect(telemetry.deliveries).toMatchObject([
      { destination: 'broken', status: 'dead', failure: 'accepts_threw', cause: 'RangeError' },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
  });

  it('of a test webhook goes to destinations with acceptsTestEvents, and is never unrouted', async () => {
    const test = aRecord({ data: { test: true } });
    const crm = aDestination({ name: 'crm' });
    const tryOut = aDestination({ name: 'try-out', acceptsTestEvents: true });
    const both = createTestFanOut([crm, tryOut]);
    await both.route(test, test);
    expect(both.queued.map(({ queue }) => queue)).toEqual(['try-out', 'try-out']);
    const without = createTestFanOut([crm]);
    expect(await without.route(test)).toEqual([]);
    expect([without.queued, without.deadLetters]).toEqual([[], []]);
  });
});

describe('a queue that is missing or forbidden', () => {
  const noQueue: SendResult = { kind: 'no_queue', cause: 'QueueDoesNotExist' };
  const destinations = [aDestination({ name: 'crm' }), aDestination({ name: 'sms' })];

  it('makes a dead letter of the deliveries of its destination, and of no other', async () => {
    const stored: string[] = [];
    const { route, deadLetters, telemetry } = createTestFanOut(destinations, {
      queues: {
        sendDeliveries: respondBy((destination) => {
          if (destination === 'crm') return noQueue;
          stored.push(destination);
          return STORED;
        }),
      },
    });
    expect(await route(aRecord({ id: 'a' }), aRecord({ id: 'b' }))).toEqual([]);
    expect(stored).toEqual(['sms', 'sms']);
    const deadLetter = {
      destination: 'crm',
      reason: 'queue_unavailable',
      lastFailure: { reason: 'not_attempted', cause: 'QueueDoesNotExist', status: null },
      attempts: 0,
    };
    expect(deadLetters).toMatchObject([
      { ...deadLetter, record: { id: 'a' } },
      { ...deadLetter, record: { id: 'b' } },
    ]);
    expect(telemetry.errors).toMatchObject([
      { code: 'queue_unavailable', id: 'a', destination: 'crm', cause: 'QueueDoesNotExist' },
      { code: 'queue_unavailable', id: 'b', destination: 'crm', cause: 'QueueDoesNotExist' },
    ]);
  });

  it('keeps the record on [records] when the dead letter cannot be stored either', async () => {
    const { route } = createTestFanOut(destinations, {
      queues: { sendDeliveries: respondBy(() => noQueue), sendDeadLetter: refuse },
    });
    expect(await route(aRecord())).toEqual(['m0']);
  });
});

describe('a batch of [records]', () => {
  it('reports exactly the records of which SQS has not stored every delivery', async () => {
    const { route, telemetry } = createTestFanOut(
      [aDestination({ name: 'crm' }), aDestination({ name: 'sms' })],
      {
        queues: {
          sendDeliveries: respondBy((destination, n) =>
            destination === 'sms' && n === 1 ? { kind: 'failed', cause: 'InternalError' } : STORED,
          ),
        },
      },
    );
    expect(await route(...['a', 'b', 'c'].map((id) => aRecord({ id })))).toEqual(['m1']);
    expect(telemetry.errors).toMatchObject([{ code: 'message_failed', cause: 'InternalError' }]);
  });

  it.each([
    [0, 6],
    [600, 66],
    [86_400, 900],
  ])('hides what was not stored for a tenth of its age: at %i s for %i s', async (age, seconds) => {
    const failing = createTestFanOut([aDestination({ name: 'crm' })], {
      queues: { sendDeliveries: respondBy(() => ({ kind: 'failed', cause: 'InternalError' })) },
    });
    const sentAt = new Date(NOW.getTime() - age * 1_000);
    expect(await failing.routeWith({ sentAt }, aRecord({ id: 'a' }))).toEqual(['m0']);
    expect(failing.hidden).toEqual([{ queue: 'records', handle: 'handle0', seconds }]);
  });

  it('reports what it cannot hide, too, and hides nothing that is stored', async () => {
    const hide = async (): Promise<never> => {
      throw new RangeError('broken');
    };
    const failing = createTestFanOut([aDestination({ name: 'crm' })], {
      queues: {
        hide,
        sendDeliveries: respondBy((_, n) =>
          n === 1 ? { kind: 'failed', cause: 'InternalError' } : STORED,
        ),
      },
    });
    expect(await failing.route(aRecord({ id: 'a' }), aRecord({ id: 'b' }))).toEqual(['m1']);
    expect(failing.telemetry.errors.at(-1)).toEqual({ code: 'hide_failed', cause: 'RangeError' });
    const { route, hidden } = createTestFanOut([aDestination({ name: 'crm' })]);
    expect(await route(aRecord())).toEqual([]);
    expect(hidden).toEqual([]);
  });

  it('routes one record alone, and no further one when there is no time for it', async () => {
    const { routeWith, queued } = createTestFanOut([aDestination({ name: 'crm' })]);
    const options = { receiveCount: 3, timeoutMs: 20_000 };
    expect(await routeWith(options, aRecord({ id: 'a' }), aRecord({ id: 'b' }))).toEqual(['m1']);
    expect(queued.map(({ message }) => message.record.id)).toEqual(['a']);
  });

  it('reports a record for which SQS gave no result', async () => {
    const { route } = createTestFanOut([aDestination({ name: 'crm' })], {
      queues: { sendDeliveries: async () => [STORED] },
    });
    expect(await route(aRecord({ id: 'a' }), aRecord({ id: 'b' }))).toEqual(['m1']);
  });

  it('reports a message whose dead letter cannot be stored, and routes the others', async () => {
    const accepts = ({ id }: { id: string }) => id !== 'unrouted';
    const { route, queued, telemetry } = createTestFanOut(
      [aDestination({ name: 'crm', accepts })],
      {
        queues: { sendDeadLetter: refuse },
      },
    );
    const staying = await route(aRecord({ id: 'unrouted' }), 'no JSON', aRecord());
    expect(staying.toSorted()).toEqual(['m0', 'm1']);
    expect(queued).toHaveLength(1);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
  });

  it('puts what is no record on [dead-letters] unchanged, and nothing of its content in the log', async () => {
    const { route, queued, deadLetters, telemetry } = createTestFanOut([
      aDestination({ name: 'crm' }),
    ]);
    const bodies = ['{"code":"HARBOUR-K7Q2"', { code: 'HARBOUR-K7Q2' }];

    expect(await route(...bodies, aRecord())).toEqual([]);

    const issues = [['is not JSON'], expect.arrayContaining(['id: expected "id"']) as string[]];
    expect(deadLetters).toMatchObject([
      { reason: 'invalid_message', body: '{"code":"HARBOUR-K7Q2"', issues: issues[0] },
      { reason: 'invalid_message', body: '{"code":"HARBOUR-K7Q2"}', issues: issues[1] },
    ]);
    expect(deadLetters.every((deadLetter) => v.is(DeadLetterSchema, deadLetter))).toBe(true);
    expect(telemetry.errors).toEqual(
      issues.map((each, n) => ({ code: 'invalid_message', id: `m${n}`, issues: each })),
    );
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
    expect(queued).toHaveLength(1);
  });

  it('may be empty', async () => {
    expect(await createTestFanOut([]).route()).toEqual([]);
  });
});

describe('a list of destinations that is not valid', () => {
  it('is refused at the start, with every error by name', () => {
    const make = () =>
      createTestFanOut([
        aDestination({ name: 'CRM' }),
        aDestination({ name: 'sms', timeoutMs: 0 }),
        aDestination({ name: 'sms', limit: { concurrency: 1 } }),
        aDestination({ name: 'slow', timeoutMs: 29_000 }),
        aDestination({ name: 'half', limit: { concurrency: 2.5 } }),
      ]);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(
      /'CRM' is not 1 to 40[^]*'sms' has a timeoutMs[^]*'sms' is the name[^]*'slow' has a timeoutMs above 20000[^]*'half' has a limit.concurrency that is not a whole/,
    );
  });
});

describe('a destination whose address is not valid', () => {
  it('is reported when the function starts', () => {
    const crm = { ...aDestination({ name: 'crm' }), fault: 'has a URL that is none' };
    const { telemetry } = createTestFanOut([crm, aDestination({ name: 'sms' })]);
    expect(telemetry.errors).toMatchObject([
      { code: 'destination_misconfigured', destination: 'crm' },
    ]);
  });
});
