import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { delivered, rejected, retry } from '../../lib/destinations/outcome.ts';
import { DeadLetterSchema, RetryMessageSchema } from '../../lib/fan-out/queue-messages.ts';
import { ConfigError } from '../../lib/platform/config.ts';
import { aRecord, aVoucher, RECEIVED_AT } from '../support/a-record.ts';
import { aDestination, createTestFanOut, inMemoryDeliveries, NOW } from '../support/fan-out.ts';
import { aBatch, aContext } from '../support/lambda.ts';

const secondsLater = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000).toISOString();
const unavailable = () => retry('http_status', { status: 503, responseBody: 'try later' });

/** The failure of `unavailable`, as a retry and a dead letter have it. */
const HTTP_503 = { reason: 'http_status', cause: null, status: 503 } as const;

const aRetry = (changes: object = {}) => ({
  record: aRecord(),
  destination: 'crm',
  attempt: 2,
  firstAt: secondsLater(-10),
  lastAt: secondsLater(-5),
  notBefore: secondsLater(-1),
  lastFailure: HTTP_503,
  ...changes,
});

describe('a record', () => {
  it('goes to every destination that accepts it', async () => {
    const crm = aDestination({ name: 'crm' });
    const codes = aDestination({ name: 'codes', accepts: ({ data }) => data.purpose === 'code' });
    const none = aDestination({ name: 'none', accepts: () => false });
    const { handle, telemetry } = createTestFanOut([crm, codes, none]);

    expect(await handle(aRecord())).toEqual([]);

    expect([crm.received, codes.received, none.received]).toEqual([[aRecord()], [aRecord()], []]);
    expect(telemetry.deliveries).toEqual(
      ['crm', 'codes'].map((destination) => ({
        id: 'whs_hb7Kd93mQ',
        event: 'voucherify.manual_distribution_schedule',
        destination,
        status: 'delivered',
        httpStatus: 204,
        ms: 0,
        attempt: 1,
        ageMs: NOW.getTime() - Date.parse(RECEIVED_AT),
      })),
    );
    expect(telemetry.errors).toEqual([]);
  });

  it('is delivered to no destination twice', async () => {
    const crm = aDestination({ name: 'crm' });
    const { handle, telemetry } = createTestFanOut([crm]);
    await handle(aRecord());
    expect(await handle(aRecord())).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(telemetry.deliveries[1]).toMatchObject({ status: 'duplicate' });
  });

  it('that cannot be delivered now waits on the retries queue, and other destinations do not wait', async () => {
    const crm = aDestination({ name: 'crm' }, unavailable);
    const sms = aDestination({ name: 'sms' });
    const { handle, retries, telemetry } = createTestFanOut([crm, sms]);

    expect(await handle(aRecord())).toEqual([]);

    expect(sms.received).toHaveLength(1);
    expect(retries).toEqual([
      {
        delaySeconds: 5,
        retry: {
          record: aRecord(),
          destination: 'crm',
          attempt: 2,
          firstAt: secondsLater(0),
          lastAt: secondsLater(0),
          notBefore: secondsLater(5),
          lastFailure: HTTP_503,
        },
      },
    ]);
    expect(v.is(RetryMessageSchema, retries[0]?.retry)).toBe(true);
    expect(telemetry.deliveries).toContainEqual(
      expect.objectContaining({
        destination: 'crm',
        status: 'waiting',
        failure: 'http_status',
        httpStatus: 503,
        attempt: 1,
        nextInSeconds: 5,
      }),
    );
  });

  it('that a destination rejects becomes a dead letter that says why', async () => {
    const crm = aDestination({ name: 'crm' }, () =>
      rejected('http_status', { status: 422, responseBody: 'no such field' }),
    );
    const { handle, deadLetters, retries, telemetry } = createTestFanOut([crm]);

    expect(await handle(aRecord())).toEqual([]);

    expect(deadLetters).toEqual([
      {
        record: aRecord(),
        destination: 'crm',
        reason: 'rejected',
        lastFailure: { reason: 'http_status', cause: null, status: 422 },
        detail: null,
        attempts: 1,
        firstAt: secondsLater(0),
        lastAt: secondsLater(0),
        responseBody: 'no such field',
      },
    ]);
    expect(v.is(DeadLetterSchema, deadLetters[0])).toBe(true);
    expect(retries).toEqual([]);
    expect(telemetry.deliveries).toMatchObject([
      { status: 'dead', reason: 'rejected', failure: 'http_status', httpStatus: 422 },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('no such field');
  });

  it('puts the text of undeliverable into the dead letter, and not into the log', async () => {
    const crm = aDestination({ name: 'crm' }, () =>
      rejected('undeliverable', { detail: 'ida.quay@example.test has no phone' }),
    );
    const { handle, deadLetters, telemetry } = createTestFanOut([crm]);
    await handle(aRecord());
    expect(deadLetters).toMatchObject([
      {
        reason: 'rejected',
        lastFailure: { reason: 'undeliverable', cause: null, status: null },
        detail: 'ida.quay@example.test has no phone',
        attempts: 1,
      },
    ]);
    expect(telemetry.deliveries).toMatchObject([
      { status: 'dead', reason: 'rejected', failure: 'undeliverable' },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('ida.quay');
  });

  it.each([
    ['accepts', 'accepts_threw'],
    ['deduplicateBy', 'deduplicate_by_threw'],
    ['deliver', 'deliver_threw'],
  ] as const)(
    'is rejected for a destination whose %s throws, and for no other',
    async (method, failure) => {
      const broken = {
        ...aDestination({ name: 'broken' }),
        [method]: () => {
          throw new RangeError('HARBOUR-K7Q2');
        },
      };
      const crm = aDestination({ name: 'crm' });
      const { handle, deadLetters, telemetry } = createTestFanOut([broken, crm]);

      expect(await handle(aRecord())).toEqual([]);

      expect(crm.received).toHaveLength(1);
      expect(deadLetters).toMatchObject([
        {
          destination: 'broken',
          reason: 'rejected',
          lastFailure: { reason: failure, cause: 'RangeError', status: null },
        },
      ]);
      expect(telemetry.deliveries).toContainEqual(
        expect.objectContaining({
          destination: 'broken',
          status: 'dead',
          reason: 'rejected',
          failure,
          cause: 'RangeError',
        }),
      );
      expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
    },
  );

  it('that no destination accepts becomes a dead letter and an error', async () => {
    const { handle, deadLetters, telemetry } = createTestFanOut([
      aDestination({ name: 'none', accepts: () => false }),
    ]);
    expect(await handle(aRecord())).toEqual([]);
    expect(deadLetters).toMatchObject([
      { destination: null, reason: 'unrouted', lastFailure: null, detail: null, attempts: 0 },
    ]);
    expect(v.is(DeadLetterSchema, deadLetters[0])).toBe(true);
    expect(telemetry.errors).toEqual([{ code: 'unrouted', id: 'whs_hb7Kd93mQ' }]);
  });

  it('of a test webhook goes to destinations with acceptsTestEvents, every time it is sent', async () => {
    const crm = aDestination({ name: 'crm' });
    const tryOut = aDestination({ name: 'try-out', acceptsTestEvents: true });
    const take = () => expect.unreachable('a test record has no row');
    const { handle } = createTestFanOut([crm, tryOut], {
      deliveries: inMemoryDeliveries({ take }),
    });
    const record = aRecord({ data: { test: true } });
    expect(await handle(record, record)).toEqual([]);
    expect([crm.received.length, tryOut.received.length]).toEqual([0, 2]);
  });

  it.each([
    [
      'credentials_rejected',
      retry('http_status', { status: 401, alert: 'credentials_rejected' }),
      'waiting',
    ],
    [
      'destination_gone',
      rejected('http_status', { status: 410, alert: 'destination_gone' }),
      'dead',
    ],
    [
      'secret_unavailable',
      retry('secret_unavailable', { cause: 'AccessDenied', alert: 'secret_unavailable' }),
      'waiting',
    ],
  ])('raises an alert: %s', async (code, outcome, status) => {
    const { handle, telemetry } = createTestFanOut([aDestination({ name: 'crm' }, () => outcome)]);
    await handle(aRecord());
    expect(telemetry.deliveries).toMatchObject([{ status, failure: outcome.reason }]);
    expect(telemetry.errors).toEqual([
      {
        code,
        id: 'whs_hb7Kd93mQ',
        destination: 'crm',
        failure: outcome.reason,
        cause: outcome.cause ?? undefined,
        httpStatus: outcome.status ?? undefined,
      },
    ]);
  });
});

describe('a retry', () => {
  it('is delivered to its destination alone, and is a duplicate afterwards like any other', async () => {
    const crm = aDestination({ name: 'crm' });
    const sms = aDestination({ name: 'sms' });
    const { handle, telemetry } = createTestFanOut([crm, sms]);
    expect(await handle(aRetry())).toEqual([]);
    await handle(aRecord());
    expect([crm.received.length, sms.received.length]).toEqual([1, 1]);
    expect(telemetry.deliveries[0]).toMatchObject({ status: 'delivered', attempt: 2 });
  });

  it('is delivered even when the destination no longer accepts its record', async () => {
    const crm = aDestination({ name: 'crm', accepts: () => false });
    await createTestFanOut([crm]).handle(aRetry());
    expect(crm.received).toHaveLength(1);
  });

  it.each([
    [0.2, 1],
    [5, 5],
    [900, 900],
    [7_200, 900],
  ])(
    'that is received %d s early is sent back for %d s, without an attempt',
    async (early, delaySeconds) => {
      const crm = aDestination({ name: 'crm' });
      const { handle, retries, telemetry } = createTestFanOut([crm]);
      const waiting = aRetry({ notBefore: secondsLater(early) });
      expect(await handle(waiting)).toEqual([]);
      expect(retries).toEqual([{ retry: waiting, delaySeconds }]);
      expect([crm.received, telemetry.deliveries]).toEqual([[], []]);
    },
  );

  it('that fails waits for the next attempt, and keeps its firstAt', async () => {
    const { handle, retries } = createTestFanOut([aDestination({ name: 'crm' }, unavailable)]);
    await handle(aRetry({ attempt: 4, firstAt: secondsLater(-200) }));
    expect(retries).toMatchObject([
      {
        delaySeconds: 600,
        retry: { attempt: 5, firstAt: secondsLater(-200), notBefore: secondsLater(600) },
      },
    ]);
  });

  it('that waits longer than SQS can delay it is delayed for as long as SQS can', async () => {
    const { handle, retries } = createTestFanOut([aDestination({ name: 'crm' }, unavailable)]);
    await handle(aRetry({ attempt: 9, firstAt: secondsLater(-30_000) }));
    expect(retries).toMatchObject([
      { delaySeconds: 900, retry: { notBefore: secondsLater(28_800) } },
    ]);
  });

  it('that failed for the last time becomes a dead letter', async () => {
    const { handle, deadLetters, retries, telemetry } = createTestFanOut([
      aDestination({ name: 'crm' }, unavailable),
    ]);
    await handle(aRetry({ attempt: 11, firstAt: secondsLater(-80_000) }));
    expect(retries).toEqual([]);
    expect(deadLetters).toMatchObject([
      {
        reason: 'attempts_exhausted',
        lastFailure: HTTP_503,
        attempts: 11,
        firstAt: secondsLater(-80_000),
        lastAt: secondsLater(0),
        responseBody: 'try later',
      },
    ]);
    expect(telemetry.deliveries).toMatchObject([
      {
        status: 'dead',
        reason: 'attempts_exhausted',
        failure: 'http_status',
        httpStatus: 503,
        attempt: 11,
      },
    ]);
  });

  it('is given up without an attempt when the voucher of its record expired on [records]', async () => {
    const crm = aDestination({ name: 'crm' });
    const { handle, deadLetters } = createTestFanOut([crm]);
    const failures = await handle(
      aRecord({ data: { voucher: aVoucher({ expiresAt: secondsLater(-1) }) } }),
    );
    expect(failures).toEqual([]);
    expect(crm.received).toEqual([]);
    expect(deadLetters).toMatchObject([
      {
        destination: 'crm',
        reason: 'voucher_expired',
        lastFailure: { reason: 'not_attempted', cause: null, status: null },
        attempts: 0,
      },
    ]);
  });

  it('that is older than a day is not attempted again', async () => {
    const crm = aDestination({ name: 'crm' });
    const { handle, deadLetters, telemetry } = createTestFanOut([crm]);
    await handle(aRetry({ attempt: 8, firstAt: secondsLater(-86_401) }));
    expect(crm.received).toEqual([]);
    expect(deadLetters).toMatchObject([
      {
        reason: 'too_old',
        lastFailure: HTTP_503,
        attempts: 7,
        firstAt: secondsLater(-86_401),
      },
    ]);
    expect(telemetry.deliveries).toMatchObject([
      { status: 'dead', reason: 'too_old', failure: 'http_status', httpStatus: 503 },
    ]);
  });

  it('whose voucher has expired meanwhile is not delivered', async () => {
    const crm = aDestination({ name: 'crm' });
    const { handle, deadLetters } = createTestFanOut([crm]);
    const record = aRecord({ data: { voucher: aVoucher({ expiresAt: secondsLater(-1) }) } });
    await handle(aRetry({ record }));
    expect(crm.received).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'voucher_expired', lastFailure: HTTP_503, attempts: 1 },
    ]);
  });

  it.each([
    ['expires later', aRecord({ data: { voucher: aVoucher({ expiresAt: secondsLater(60) }) } })],
    ['never expires', aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } })],
    ['is missing', aRecord({ data: { purpose: 'message', voucher: null } })],
    [
      'had expired from the start',
      aRecord({
        data: {
          voucher: aVoucher({
            expiresAt: secondsLater(-99),
            usable: false,
            unusableReasons: ['expired'],
          }),
        },
      }),
    ],
    [
      'expired in a record of activity',
      aRecord({
        data: { purpose: 'activity', voucher: aVoucher({ expiresAt: secondsLater(-1) }) },
      }),
    ],
  ])('whose voucher %s is delivered', async (_what, record) => {
    const crm = aDestination({ name: 'crm' });
    await createTestFanOut([crm]).handle(aRetry({ record }));
    expect(crm.received).toHaveLength(1);
  });

  it('for a destination that no longer exists becomes a dead letter and an error', async () => {
    const { handle, deadLetters, telemetry } = createTestFanOut([aDestination({ name: 'sms' })]);
    expect(await handle(aRetry())).toEqual([]);
    expect(deadLetters).toMatchObject([
      {
        destination: 'crm',
        reason: 'unknown_destination',
        lastFailure: HTTP_503,
        detail: null,
        attempts: 1,
        firstAt: secondsLater(-10),
        lastAt: secondsLater(-5),
      },
    ]);
    expect(telemetry.errors).toEqual([{ code: 'unknown_destination', id: 'whs_hb7Kd93mQ' }]);
  });
});

describe('no attempt is used up', () => {
  it('by a destination that limits the rate', async () => {
    const { handle, retries } = createTestFanOut([
      aDestination({ name: 'crm' }, () =>
        retry('http_status', { status: 429, countsAsAttempt: false, retryAfterSeconds: 60 }),
      ),
    ]);
    await handle(aRetry({ attempt: 11 }));
    expect(retries).toMatchObject([{ retry: { attempt: 11 }, delaySeconds: 66 }]);
  });

  it('by a deliveries table that cannot be reached, which is an error', async () => {
    const crm = aDestination({ name: 'crm' });
    const { handle, retries, telemetry } = createTestFanOut([crm], {
      deliveries: inMemoryDeliveries({
        take: async () => ({
          kind: 'deliveries_unavailable',
          cause: 'ThrottlingException',
          maybeHeldForMs: 20_000,
        }),
      }),
    });
    expect(await handle(aRecord())).toEqual([]);
    expect(crm.received).toEqual([]);
    expect(retries).toMatchObject([
      {
        retry: {
          attempt: 1,
          lastFailure: {
            reason: 'deliveries_unavailable',
            cause: 'ThrottlingException',
            status: null,
          },
        },
        // no earlier than the end of a hold that may have been stored, its response lost
        delaySeconds: 22,
      },
    ]);
    expect(telemetry.deliveries).toMatchObject([
      { status: 'waiting', failure: 'deliveries_unavailable', cause: 'ThrottlingException' },
    ]);
    expect(telemetry.errors).toMatchObject([
      {
        code: 'deliveries_unavailable',
        destination: 'crm',
        failure: 'deliveries_unavailable',
        cause: 'ThrottlingException',
      },
    ]);
  });

  it('while the circuit is open, after a destination failed five times in a row', async () => {
    const crm = aDestination({ name: 'crm', concurrency: 1 }, unavailable);
    const sms = aDestination({ name: 'sms' });
    const { handle, retries, advance, telemetry } = createTestFanOut([crm, sms]);
    const records = Array.from({ length: 7 }, (_, n) => aRecord({ id: `whs_${n}` }));

    expect(await handle(...records)).toEqual([]);

    expect([crm.received.length, sms.received.length]).toEqual([5, 7]);
    const lastFailure = { reason: 'circuit_open', cause: 'http_status', status: 503 };
    expect(retries.slice(5)).toMatchObject([
      { retry: { attempt: 1, lastFailure }, delaySeconds: 33 },
      { retry: { attempt: 1, lastFailure }, delaySeconds: 33 },
    ]);
    expect(telemetry.deliveries).toContainEqual(
      expect.objectContaining({
        status: 'waiting',
        failure: 'circuit_open',
        cause: 'http_status',
        attempt: 1,
      }),
    );

    advance(30);
    await handle(aRecord({ id: 'whs_8' }), aRecord({ id: 'whs_9' }));
    expect(crm.received).toHaveLength(6);
  });
});

describe('the circuit breaker', () => {
  it('does not use its half-open attempt for a duplicate', async () => {
    let isUp = true;
    const script = () => (isUp ? delivered(204) : unavailable());
    const crm = aDestination({ name: 'crm', concurrency: 1 }, script);
    const { handle, advance } = createTestFanOut([crm]);
    const [knownRecord, otherRecord] = [aRecord({ id: 'whs_known' }), aRecord({ id: 'whs_other' })];
    await handle(knownRecord);
    isUp = false;
    await handle(...Array.from({ length: 5 }, (_, n) => aRecord({ id: `whs_${n}` })));
    advance(30);
    isUp = true;

    await handle(knownRecord, otherRecord);

    expect(crm.received.at(-1)).toEqual(otherRecord);
  });

  it('opens sooner for timeouts, since each holds up a batch', async () => {
    const hanging = () => retry('timeout', { maybeDelivered: true });
    const crm = aDestination({ name: 'crm', concurrency: 1 }, hanging);
    const { handle, telemetry } = createTestFanOut([crm]);
    await handle(...Array.from({ length: 4 }, (_, n) => aRecord({ id: `whs_${n}` })));
    expect(crm.received).toHaveLength(2);
    expect(telemetry.errors).toMatchObject([{ code: 'circuit_opened', failure: 'timeout' }]);
  });
});

describe('a delivery without a response', () => {
  const timedOut = () => retry('timeout', { maybeDelivered: true });

  it('is retried by default', async () => {
    const { handle, retries } = createTestFanOut([aDestination({ name: 'crm' }, timedOut)]);
    await handle(aRecord());
    expect(retries).toHaveLength(1);
  });

  it('becomes a dead letter with onNoResponse dead-letter', async () => {
    const { handle, retries, deadLetters } = createTestFanOut([
      aDestination({ name: 'sms', onNoResponse: 'dead-letter' }, timedOut),
    ]);
    await handle(aRecord());
    expect(retries).toEqual([]);
    expect(deadLetters).toMatchObject([
      {
        reason: 'maybe_delivered',
        lastFailure: { reason: 'timeout', cause: null, status: null },
        attempts: 1,
      },
    ]);
  });

  it('is retried even then when the request was not sent', async () => {
    const { handle, retries } = createTestFanOut([
      aDestination({ name: 'sms', onNoResponse: 'dead-letter' }, () =>
        retry('no_response', { cause: 'ECONNREFUSED' }),
      ),
    ]);
    await handle(aRecord());
    expect(retries).toHaveLength(1);
  });
});

describe('a deduplicateBy key', () => {
  const createRecord = (id: string, type: string) => aRecord({ id, type });

  it('lets one of several records with the same key through', async () => {
    const crm = aDestination({
      name: 'crm',
      deduplicateBy: ({ data }) => data.publication?.id ?? null,
    });
    const warehouse = aDestination({ name: 'warehouse' });
    const { handle, telemetry } = createTestFanOut([crm, warehouse]);
    await handle(createRecord('whs_1', 'voucherify.voucher.published'));
    await handle(createRecord('whs_2', 'voucherify.publication.succeeded'));
    expect([crm.received.length, warehouse.received.length]).toEqual([1, 2]);
    expect(telemetry.deliveries.filter(({ status }) => status === 'duplicate')).toMatchObject([
      { id: 'whs_2', destination: 'crm' },
    ]);
  });

  it('that is empty is none, so that no record counts as a duplicate for lack of a key', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => '' });
    const { handle } = createTestFanOut([crm]);
    await handle(aRecord({ id: 'whs_1' }), aRecord({ id: 'whs_2' }));
    expect(crm.received).toHaveLength(2);
  });

  it('that is no text becomes a dead letter, not a message that fails again and again', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 7 as never });
    const { handle, deadLetters } = createTestFanOut([crm]);
    expect(await handle(aRecord())).toEqual([]);
    expect(deadLetters).toMatchObject([
      { lastFailure: { reason: 'deduplicate_by_threw', cause: 'TypeError' } },
    ]);
  });

  it('does not hold back records without one', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => null });
    const { handle } = createTestFanOut([crm]);
    await handle(createRecord('whs_1', 'a'), createRecord('whs_2', 'b'));
    expect(crm.received).toHaveLength(2);
  });
});

describe('a batch', () => {
  it('reports exactly the messages that cannot be acknowledged', async () => {
    const crm = aDestination({ name: 'crm' }, (n) =>
      n % 2 === 0 ? unavailable() : rejected('http_status', { status: 400 }),
    );
    const { handle, telemetry } = createTestFanOut([crm], {
      sendRetry: async () => Promise.reject(new TypeError('HARBOUR-K7Q2')),
    });
    const records = ['a', 'b', 'c', 'd'].map((id) => aRecord({ id }));
    expect(await handle(...records)).toEqual(['m0', 'm2']);
    expect(telemetry.errors).toMatchObject([
      { code: 'follow_up_failed', id: 'a', destination: 'crm', cause: 'TypeError' },
      { code: 'follow_up_failed', id: 'c', destination: 'crm', cause: 'TypeError' },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
  });

  it('reports a message whose dead letter cannot be sent', async () => {
    const refuses = { sendDeadLetter: async () => Promise.reject(new Error('down')) };
    const crm = aDestination({ name: 'crm' }, () => rejected('http_status', { status: 400 }));
    const none = aDestination({ name: 'none', accepts: () => false });
    expect(await createTestFanOut([crm], refuses).handle(aRecord())).toEqual(['m0']);
    expect(await createTestFanOut([none], refuses).handle(aRecord(), 'no JSON')).toEqual([
      'm0',
      'm1',
    ]);
    expect(await createTestFanOut([none], refuses).handle(aRetry())).toEqual(['m0']);
  });

  it('reports a retry that cannot be sent back', async () => {
    const { handle } = createTestFanOut([aDestination({ name: 'crm' })], {
      sendRetry: async () => Promise.reject(new Error('down')),
    });
    expect(await handle(aRetry({ notBefore: secondsLater(60) }))).toEqual(['m0']);
  });

  it('reports a record whose follow-up failed for one delivery, and does not repeat the others', async () => {
    let isDown = true;
    const crm = aDestination({ name: 'crm' }, () => unavailable());
    const sms = aDestination({ name: 'sms' });
    const retries: unknown[] = [];
    const { handle, advance } = createTestFanOut([crm, sms], {
      sendRetry: async (message) => {
        if (isDown) throw new Error('down');
        retries.push(message);
      },
    });
    expect(await handle(aRecord())).toEqual(['m0']);
    isDown = false;
    advance(180);
    expect(await handle(aRecord())).toEqual([]);
    expect([sms.received.length, crm.received.length, retries.length]).toEqual([1, 2, 1]);
  });

  it('reports a message whose delivery another invocation is making', async () => {
    const { handle, telemetry } = createTestFanOut([aDestination({ name: 'crm' })], {
      deliveries: inMemoryDeliveries({ take: async () => ({ kind: 'in_progress' }) }),
    });
    expect(await handle(aRecord())).toEqual(['m0']);
    expect(telemetry.deliveries).toMatchObject([{ status: 'in_progress', failure: 'in_progress' }]);
  });

  it('reports a message on which the deliveries table throws, and acknowledges the others', async () => {
    const { handle } = createTestFanOut([aDestination({ name: 'crm' })], {
      deliveries: inMemoryDeliveries({
        take: async (key, holder) => {
          if (key.id === 'broken') throw new RangeError('broken');
          return { kind: 'taken', row: { key, holder } };
        },
      }),
    });
    expect(await handle(aRecord({ id: 'broken' }), aRecord())).toEqual(['m0']);
  });

  it('starts no delivery with less time left than its timeout and 2 seconds', async () => {
    const quick = aDestination({ name: 'quick', timeoutMs: 1_000 });
    const slow = aDestination({ name: 'slow', timeoutMs: 1_001 });
    const { handler, telemetry } = createTestFanOut([quick, slow]);
    const response = await handler(
      aBatch(aRecord()),
      aContext(() => 3_000),
    );
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect([quick.received.length, slow.received.length]).toEqual([1, 0]);
    expect(telemetry.deliveries).toContainEqual(
      expect.objectContaining({
        destination: 'slow',
        status: 'waiting',
        failure: 'insufficient_time',
      }),
    );
  });

  it('starts no delivery when the time ran out while the row was taken', async () => {
    let remainingMs = 30_000;
    const crm = aDestination({ name: 'crm' });
    const { handler } = createTestFanOut([crm], {
      deliveries: inMemoryDeliveries({
        take: async (key, holder) => {
          remainingMs = 6_000;
          return { kind: 'taken', row: { key, holder } };
        },
      }),
    });
    const response = await handler(
      aBatch(aRecord()),
      aContext(() => remainingMs),
    );
    expect(response.batchItemFailures).toHaveLength(1);
    expect(crm.received).toEqual([]);
  });

  it('puts an invalid message on [dead-letters] unchanged, and nothing of its content in the log', async () => {
    const { handle, deadLetters, telemetry } = createTestFanOut([aDestination({ name: 'crm' })]);
    expect(await handle('{"code":"HARBOUR-K7Q2"', { code: 'HARBOUR-K7Q2' }, aRecord())).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'invalid_message', body: '{"code":"HARBOUR-K7Q2"', issues: ['is not JSON'] },
      {
        reason: 'invalid_message',
        body: '{"code":"HARBOUR-K7Q2"}',
        issues: expect.arrayContaining(['id: expected "id"']) as string[],
      },
    ]);
    expect(deadLetters.every((deadLetter) => v.is(DeadLetterSchema, deadLetter))).toBe(true);
    expect(telemetry.errors).toEqual([
      { code: 'invalid_message', id: 'm0', issues: ['is not JSON'] },
      {
        code: 'invalid_message',
        id: 'm1',
        issues: expect.arrayContaining(['id: expected "id"']) as string[],
      },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
  });

  it('ends an attempt that ignores its timeout, and retries it', async () => {
    const deaf = aDestination({ name: 'deaf', timeoutMs: 30 }, async () => new Promise(() => {}));
    const crm = aDestination({ name: 'crm' });
    const { handle, retries } = createTestFanOut([deaf, crm]);

    expect(await handle(aRecord())).toEqual([]);

    expect(crm.received).toHaveLength(1);
    const lastFailure = { reason: 'timeout', cause: null, status: null };
    expect(retries).toMatchObject([{ retry: { destination: 'deaf', lastFailure } }]);
  });

  it('delivers to one destination while another hangs', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    const hanging = aDestination({ name: 'hanging', concurrency: 1 }, async () => {
      await end;
      return retry('timeout', { maybeDelivered: true });
    });
    const { promise: served, resolve: serve } = Promise.withResolvers<void>();
    const crm = aDestination({ name: 'crm' }, (n) => {
      if (n === 19) serve();
      return rejected('http_status', { status: 400 });
    });
    const { handle } = createTestFanOut([hanging, crm]);
    const batch = handle(...Array.from({ length: 20 }, (_, n) => aRecord({ id: `whs_${n}` })));
    await served;
    expect(hanging.received).toHaveLength(1);
    resolve();
    expect(await batch).toEqual([]);
  });

  it('may be empty', async () => {
    expect(await createTestFanOut([]).handle()).toEqual([]);
  });
});

describe('a list of destinations that is not valid', () => {
  it('is refused at the start, with every error by name', () => {
    const make = () =>
      createTestFanOut([
        aDestination({ name: 'CRM' }),
        aDestination({ name: 'sms', timeoutMs: 0 }),
        aDestination({ name: 'sms', concurrency: 0 }),
        aDestination({ name: 'slow', timeoutMs: 29_000 }),
        aDestination({ name: 'half', concurrency: 2.5 }),
      ]);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(
      /'CRM' is not 1 to 64[^]*'sms' has a timeoutMs[^]*'sms' is the name of two[^]*'slow' has a timeoutMs above 20000[^]*'half' has a concurrency that is not a whole/,
    );
  });
});
