import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  delivered,
  type DeliveryOutcome,
  rejected,
  retry,
} from '../../lib/destinations/outcome.ts';
import { DeadLetterSchema } from '../../lib/fan-out/queue-messages.ts';
import { aRecord, aVoucher, RECEIVED_AT } from '../support/a-record.ts';
import { aDelivery, aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';
import { inMemoryDeliveries } from '../support/in-memory-deliveries.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const secondsLater = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000).toISOString();
const unavailable = () => retry('http_status', { status: 503, responseBody: 'try later' });
const refuse = async (): Promise<never> => Promise.reject(new TypeError('HARBOUR-K7Q2'));

/** A code that never expires, for tests in which days pass. */
const aLastingRecord = (id = 'whs_hb7Kd93mQ') =>
  aRecord({ id, data: { voucher: aVoucher({ expiresAt: null }) } });

/** The failure of `unavailable`, as a row and a dead letter have it. */
const HTTP_503 = { reason: 'http_status', cause: null, status: 503 } as const;
const NOT_ATTEMPTED = { reason: 'not_attempted', cause: null, status: null } as const;

/** The row of the only delivery to crm of these tests. */
const ROW = 'whs_hb7Kd93mQ crm';

/** crm with these outcomes, one after the other and the last one for ever, and a fanOut for it. */
function startCrm(...outcomes: readonly (() => DeliveryOutcome)[]) {
  const crm = aDestination({ name: 'crm' }, (n) => (outcomes[n] ?? outcomes.at(-1) ?? ok)());
  return { crm, ...createTestFanOut([crm]) };
}
const ok = () => delivered(204);

describe('a delivery', () => {
  it('is made, and its message is acknowledged', async () => {
    const { crm, deliver, hidden, telemetry, deliveries } = startCrm(ok);
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual([]);
    expect(crm.received).toEqual([aRecord()]);
    expect(hidden).toEqual([]);
    expect(deliveries.rows.get(ROW)).toMatchObject({ end: { state: 'delivered' }, attempts: 1 });
    expect(telemetry.deliveries).toEqual([
      {
        id: 'whs_hb7Kd93mQ',
        event: 'voucherify.manual_distribution_schedule',
        destination: 'crm',
        status: 'delivered',
        httpStatus: 204,
        ms: 0,
        attempt: 1,
        ageMs: NOW.getTime() - Date.parse(RECEIVED_AT),
      },
    ]);
    expect(telemetry.errors).toEqual([]);
  });

  it('is made to no destination twice', async () => {
    const { crm, deliver, telemetry } = startCrm(ok);
    await deliver('crm', aDelivery(aRecord(), 'crm'));
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(telemetry.deliveries[1]).toMatchObject({ status: 'duplicate' });
  });

  it('of a test webhook is made each time that the test is sent', async () => {
    const tryOut = aDestination({ name: 'try-out', acceptsTestEvents: true });
    const { deliver } = createTestFanOut([tryOut]);
    const first = aRecord({ data: { test: true } });
    const second = aRecord({ data: { test: true, receivedAt: secondsLater(-5) } });
    await deliver('try-out', aDelivery(first, 'try-out'));
    await deliver('try-out', aDelivery(first, 'try-out'), aDelivery(second, 'try-out'));
    expect(tryOut.received).toEqual([first, second]);
  });

  it('is made even when the destination no longer accepts its record, or is retired', async () => {
    const crm = aDestination({ name: 'crm', accepts: () => false, retired: true });
    await createTestFanOut([crm]).deliver('crm', aDelivery(aRecord(), 'crm'));
    expect(crm.received).toHaveLength(1);
  });

  it('of a renamed destination keeps its queue and its row, and its logs have the new name', async () => {
    const crm = aDestination({ name: 'loyalty-crm', formerly: 'crm' });
    const { deliver, deliveries, telemetry } = createTestFanOut([crm]);
    await deliver('crm', aDelivery(aRecord(), 'crm'));
    expect([...deliveries.rows.keys()]).toEqual([ROW]);
    expect(telemetry.deliveries).toMatchObject([{ destination: 'loyalty-crm' }]);
    expect(telemetry.attempts).toMatchObject([{ destination: 'loyalty-crm' }]);
    expect(telemetry.batches).toMatchObject([{ destination: 'loyalty-crm' }]);
  });

  it('that a destination rejects becomes a dead letter that says why', async () => {
    const { deliver, deadLetters, hidden, deliveries, telemetry } = startCrm(() =>
      rejected('http_status', { status: 422, responseBody: 'no such field' }),
    );
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual([]);
    const lastFailure = { reason: 'http_status', cause: null, status: 422 };
    expect(deadLetters).toEqual([
      {
        record: aRecord(),
        destination: 'crm',
        reason: 'rejected',
        lastFailure,
        detail: null,
        attempts: 1,
        firstAt: secondsLater(0),
        lastAt: secondsLater(0),
        responseBody: 'no such field',
      },
    ]);
    expect(v.is(DeadLetterSchema, deadLetters[0])).toBe(true);
    expect(hidden).toEqual([]);
    const end = { state: 'dead', reason: 'rejected', lastFailure, attempts: 1 };
    expect(deliveries.rows.get(ROW)).toMatchObject({ end });
    expect(telemetry.deliveries).toMatchObject([
      { status: 'dead', reason: 'rejected', failure: 'http_status', httpStatus: 422 },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('no such field');
  });

  it('puts the text of undeliverable into the dead letter, and not into the log', async () => {
    const { deliver, deadLetters, telemetry } = startCrm(() =>
      rejected('undeliverable', { detail: 'ida.quay@example.test has no phone' }),
    );
    await deliver('crm', aDelivery(aRecord(), 'crm'));
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
    ['deduplicateBy', 'deduplicate_by_threw'],
    ['deliver', 'deliver_threw'],
  ] as const)('becomes a dead letter when %s throws', async (method, failure) => {
    const crm = {
      ...aDestination({ name: 'crm' }),
      [method]: () => {
        throw new RangeError('HARBOUR-K7Q2');
      },
    };
    const { deliver, deadLetters, deliveries, telemetry } = createTestFanOut([crm]);
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual([]);
    const lastFailure = { reason: failure, cause: 'RangeError', status: null };
    expect(deadLetters).toMatchObject([{ destination: 'crm', reason: 'rejected', lastFailure }]);
    expect(deliveries.rows.get(ROW)).toMatchObject({ end: { state: 'dead', lastFailure } });
    expect(telemetry.deliveries).toMatchObject([
      { status: 'dead', reason: 'rejected', failure, cause: 'RangeError' },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
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
    const { deliver, telemetry } = startCrm(() => outcome);
    await deliver('crm', aDelivery(aRecord(), 'crm'));
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

  it.each([
    [secondsLater(-2), 2_000],
    [secondsLater(0), 0],
    [secondsLater(1), 0],
    ['not a time', undefined],
  ])('of a webhook that was received at %s is logged with an age of %s ms', async (at, ageMs) => {
    const { deliver, telemetry } = startCrm(ok);
    await deliver('crm', aDelivery(aRecord({ data: { receivedAt: at } }), 'crm'));
    expect(telemetry.deliveries.map((line) => line.ageMs)).toEqual([ageMs]);
  });
});

describe('a delivery that fails', () => {
  it('stays on its queue, hidden until its next attempt, and its row says what happened', async () => {
    const { deliver, hidden, deadLetters, deliveries, telemetry } = startCrm(unavailable);
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual(['m0']);
    expect(hidden).toEqual([{ queue: 'crm', handle: 'handle0', seconds: 5 }]);
    expect(deadLetters).toEqual([]);
    expect(deliveries.rows.get(ROW)?.end).toEqual({
      state: 'waiting',
      attempts: 1,
      firstAt: NOW,
      lastFailure: HTTP_503,
      nextAt: secondsLater(5),
      unfinishedTries: 0,
    });
    expect(telemetry.deliveries).toMatchObject([
      { status: 'waiting', failure: 'http_status', httpStatus: 503, attempt: 1, nextInSeconds: 5 },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('try later');
  });

  it('is attempted again and again in a day, and then becomes a dead letter', async () => {
    const { crm, deliver, hidden, deadLetters, deliveries, advance } = startCrm(unavailable);
    const message = aDelivery(aLastingRecord(), 'crm');
    const waits: number[] = [];
    while ((await deliver('crm', message)).length > 0) {
      const [wait] = hidden.splice(0);
      waits.push(wait?.seconds ?? NaN);
      await advance(wait?.seconds ?? NaN);
    }
    expect(waits).toEqual([5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 26_083]);
    expect(crm.received).toHaveLength(11);
    const end = { attempts: 11, reason: 'attempts_exhausted', lastFailure: HTTP_503 };
    const deadLetter = { firstAt: secondsLater(0), responseBody: 'try later' };
    expect(deadLetters).toMatchObject([{ ...end, ...deadLetter }]);
    expect(deliveries.rows.get(ROW)?.end).toMatchObject({ ...end, state: 'dead' });
  });

  it('is given up a day after its first attempt, and its voucher has not expired', async () => {
    const { crm, deliver, deadLetters, advance } = startCrm(unavailable);
    const message = aDelivery(aLastingRecord(), 'crm');
    await deliver('crm', message);
    // its queue was paused
    await advance(86_400);
    expect(await deliver('crm', message)).toEqual([]);
    expect(crm.received).toHaveLength(2);
    expect(deadLetters).toMatchObject([{ reason: 'too_old', attempts: 2, lastFailure: HTTP_503 }]);
  });

  it.each([
    [-1, 1],
    [0, 1],
    [1, 0],
  ])(
    'and is received %i ms before its next attempt is attempted %i times',
    async (earlyMs, attempts) => {
      const { crm, deliver, hidden, advance } = startCrm(unavailable, ok);
      const message = aDelivery(aRecord(), 'crm');
      await deliver('crm', message);
      hidden.splice(0);
      await advance((5_000 - earlyMs) / 1_000);
      expect(await deliver('crm', message)).toHaveLength(1 - attempts);
      expect(crm.received).toHaveLength(1 + attempts);
      // whole seconds, and never before it is due
      expect(hidden.map(({ seconds }) => seconds)).toEqual(attempts === 1 ? [] : [1]);
    },
  );

  it('of which copies come early hides each until its next attempt', async () => {
    const { crm, deliver, hidden, advance, telemetry } = startCrm(unavailable);
    const message = aDelivery(aRecord(), 'crm');
    await deliver('crm', message);
    await advance(1);
    expect(await deliver('crm', message, message)).toEqual(['m0', 'm1']);
    expect(hidden.slice(1).map(({ seconds }) => seconds)).toEqual([4, 4]);
    expect(crm.received).toHaveLength(1);
    expect(telemetry.deliveries.slice(1)).toMatchObject([
      { status: 'waiting', failure: 'not_due' },
      { status: 'waiting', failure: 'not_due' },
    ]);
  });

  it('succeeds at its next attempt, and is a duplicate from then on', async () => {
    const { crm, deliver, advance, telemetry, deliveries } = startCrm(unavailable, ok);
    const message = aDelivery(aRecord(), 'crm');
    await deliver('crm', message);
    await advance(5);
    expect(await deliver('crm', message)).toEqual([]);
    expect(await deliver('crm', message)).toEqual([]);
    expect(crm.received).toHaveLength(2);
    expect(telemetry.deliveries.map(({ status }) => status)).toEqual([
      'waiting',
      'delivered',
      'duplicate',
    ]);
    const end = { state: 'delivered', attempts: 2, firstAt: NOW };
    expect(deliveries.rows.get(ROW)).toMatchObject({ end });
  });

  it('becomes a dead letter without a wait that SQS would not outlast', async () => {
    const { crm, deliverWith, deadLetters, hidden } = startCrm(unavailable);
    const sentAt = new Date(NOW.getTime() - 13.6 * 86_400_000);
    const message = aDelivery(aLastingRecord(), 'crm');
    expect(await deliverWith('crm', { sentAt }, message)).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(hidden).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: 'too_old', attempts: 1, lastFailure: HTTP_503 }]);
  });
});

describe('a delivery that was given up', () => {
  const giveUp = async () => {
    const fanOut = startCrm(() => rejected('http_status', { status: 422 }), unavailable, ok);
    const message = aDelivery(aRecord(), 'crm');
    await fanOut.deliver('crm', message);
    await fanOut.advance(60);
    return { ...fanOut, message };
  };

  it('is not attempted for a copy of its message, which is acknowledged', async () => {
    const { crm, deliver, deadLetters, message } = await giveUp();
    expect(await deliver('crm', message)).toEqual([]);
    expect([crm.received.length, deadLetters.length]).toEqual([1, 1]);
  });

  it('is attempted with all its attempts when its dead letter is replayed', async () => {
    const { crm, deliver, deliveries, advance, message } = await giveUp();
    const replayed = { ...message, requestedAt: new Date().toISOString() };
    expect(await deliver('crm', replayed)).toEqual(['m0']);
    expect(deliveries.rows.get(ROW)).toMatchObject({
      attempts: 1,
      firstAt: new Date(NOW.getTime() + 60_000),
      end: { state: 'waiting' },
    });
    await advance(5);
    expect(await deliver('crm', replayed)).toEqual([]);
    expect(crm.received).toHaveLength(3);
    expect(deliveries.rows.get(ROW)).toMatchObject({ end: { state: 'delivered' } });
  });
});

describe('the voucher of a delivery', () => {
  const expiring = (expiresAt: string) => aRecord({ data: { voucher: aVoucher({ expiresAt }) } });

  it.each([
    [1, 1],
    [0, 0],
    [-1, 0],
  ])('that expires in %i ms lets it be attempted %i times', async (ms, attempts) => {
    const { crm, deliver, deadLetters, deliveries } = startCrm(ok);
    expect(await deliver('crm', aDelivery(expiring(secondsLater(ms / 1_000)), 'crm'))).toEqual([]);
    expect(crm.received).toHaveLength(attempts);
    const end = { reason: 'voucher_expired', lastFailure: NOT_ATTEMPTED, attempts: 0 };
    expect(deadLetters).toMatchObject(attempts === 1 ? [] : [end]);
    expect(deliveries.rows.get(ROW)?.end).toMatchObject(
      attempts === 1 ? { state: 'delivered' } : { ...end, state: 'dead' },
    );
  });

  it('that expired since the last attempt lets no other be made', async () => {
    const { crm, deliver, deadLetters, advance } = startCrm(unavailable);
    const message = aDelivery(expiring(secondsLater(3)), 'crm');
    await deliver('crm', message);
    await advance(5);
    expect(await deliver('crm', message)).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(deadLetters).toMatchObject([
      { reason: 'voucher_expired', lastFailure: HTTP_503, attempts: 1 },
    ]);
  });

  it.each([
    ['expires later', expiring(secondsLater(60))],
    ['never expires', aLastingRecord()],
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
  ])('that %s lets it be made', async (_what, record) => {
    const { crm, deliver } = startCrm(ok);
    await deliver('crm', aDelivery(record, 'crm'));
    expect(crm.received).toHaveLength(1);
  });
});

describe('a delivery without a response', () => {
  const timedOut = () => retry('timeout', { maybeDelivered: true });

  it('is attempted again by default', async () => {
    const { deliver, hidden } = startCrm(timedOut);
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual(['m0']);
    expect(hidden).toMatchObject([{ seconds: 5 }]);
  });

  it.each([
    ['becomes a dead letter with onNoResponse dead-letter', timedOut, 1],
    [
      'is attempted again even then when the request was not sent',
      () => retry('no_response', { cause: 'ECONNREFUSED' }),
      0,
    ],
  ])('%s', async (_what, outcome, deadLetterCount) => {
    const sms = aDestination({ name: 'sms', onNoResponse: 'dead-letter' }, outcome);
    const { deliver, deadLetters, hidden } = createTestFanOut([sms]);
    await deliver('sms', aDelivery(aRecord(), 'sms'));
    expect(hidden).toHaveLength(1 - deadLetterCount);
    expect(deadLetters).toMatchObject(
      Array.from({ length: deadLetterCount }, () => ({
        reason: 'maybe_delivered',
        lastFailure: { reason: 'timeout', cause: null, status: null },
        attempts: 1,
      })),
    );
  });
});

describe('a deduplicateBy key', () => {
  const deduplicateBy = ({ data }: ReturnType<typeof aRecord>) => data.publication?.id ?? null;
  const [first, second] = [aRecord({ id: 'whs_1' }), aRecord({ id: 'whs_2' })];

  it('lets one of several records with the same key through, at its destination only', async () => {
    const mail = aDestination({ name: 'mail', deduplicateBy });
    const warehouse = aDestination({ name: 'warehouse' });
    const { deliver, deliveries, telemetry } = createTestFanOut([mail, warehouse]);
    for (const name of ['mail', 'warehouse']) {
      await deliver(name, aDelivery(first, name));
      await deliver(name, aDelivery(second, name));
    }
    expect([mail.received.length, warehouse.received.length]).toEqual([1, 2]);
    expect(telemetry.deliveries.filter(({ status }) => status === 'duplicate')).toMatchObject([
      { id: 'whs_2', destination: 'mail' },
    ]);
    // nothing is left to do for the second record
    expect(deliveries.rows.get('whs_2 mail')).toMatchObject({ end: { state: 'delivered' } });
  });

  it('lets no two be attempted at once', async () => {
    const mail = aDestination({ name: 'mail', deduplicateBy });
    const { deliver, hidden } = createTestFanOut([mail]);
    const batch = [aDelivery(first, 'mail'), aDelivery(second, 'mail')];
    expect(await deliver('mail', ...batch)).toEqual(['m1']);
    expect(mail.received).toEqual([first]);
    expect(hidden).toMatchObject([{ handle: 'handle1' }]);
  });

  it.each([
    ['is attempted again', unavailable, 'waiting'],
    ['is given up', () => rejected('http_status', { status: 422 }), 'dead'],
  ])('of a record that %s lets the other one be delivered', async (_what, outcome, state) => {
    const mail = aDestination({ name: 'mail', deduplicateBy }, (n) => (n === 0 ? outcome() : ok()));
    const { deliver, deliveries, advance } = createTestFanOut([mail]);
    await deliver('mail', aDelivery(first, 'mail'));
    expect(deliveries.rows.get('whs_1 mail')).toMatchObject({ end: { state } });
    await deliver('mail', aDelivery(second, 'mail'));
    expect(mail.received).toEqual([first, second]);
    await advance(5);
    expect(await deliver('mail', aDelivery(first, 'mail'))).toEqual([]);
    expect(mail.received).toEqual([first, second]);
  });

  it.each([
    ['null', null],
    ['empty', ''],
  ])('that is %s is none, so no record is a duplicate for lack of a key', async (_what, key) => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => key });
    const { deliver } = createTestFanOut([crm]);
    await deliver('crm', aDelivery(first, 'crm'), aDelivery(second, 'crm'));
    expect(crm.received).toHaveLength(2);
  });

  it('counts for no test webhook, which is meant each time that it is sent', async () => {
    const tryOut = aDestination({ name: 'try-out', acceptsTestEvents: true, deduplicateBy });
    const { deliver } = createTestFanOut([tryOut]);
    const sent = [-9, -5].map((seconds) =>
      aRecord({ data: { test: true, receivedAt: secondsLater(seconds) } }),
    );
    await deliver('try-out', ...sent.map((record) => aDelivery(record, 'try-out')));
    expect(tryOut.received).toEqual(sent);
  });

  it('that is no text becomes a dead letter, not a message that fails again and again', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 7 as never });
    const { deliver, deadLetters } = createTestFanOut([crm]);
    expect(await deliver('crm', aDelivery(first, 'crm'))).toEqual([]);
    expect(deadLetters).toMatchObject([
      { lastFailure: { reason: 'deduplicate_by_threw', cause: 'TypeError' } },
    ]);
  });
});

describe('a batch of the queue of a destination', () => {
  it('settles each of its messages by itself', async () => {
    const { deliver, hidden, deadLetters, deliveries } = startCrm(
      ok,
      () => rejected('http_status', { status: 400 }),
      unavailable,
    );
    const batch = ['a', 'b', 'c'].map((id) => aDelivery(aRecord({ id }), 'crm'));
    expect(await deliver('crm', ...batch)).toEqual(['m2']);
    expect(hidden).toEqual([{ queue: 'crm', handle: 'handle2', seconds: 5 }]);
    expect(deadLetters).toMatchObject([{ reason: 'rejected', destination: 'crm', attempts: 1 }]);
    expect([...deliveries.rows].map(([name, { end }]) => [name, end?.state])).toEqual([
      ['a crm', 'delivered'],
      ['b crm', 'dead'],
      ['c crm', 'waiting'],
    ]);
  });

  it('counts its attempts, and how long its oldest delivery has been on the queue', async () => {
    const { deliverWith, telemetry } = startCrm(
      ok,
      () => retry('http_status', { status: 429, countsAsAttempt: false }),
      unavailable,
      () => rejected('http_status', { status: 400 }),
    );
    const batch = ['a', 'b', 'c', 'd'].map((id) => aDelivery(aRecord({ id }), 'crm'));
    await deliverWith('crm', { sentAt: new Date(NOW.getTime() - 90_000) }, ...batch);
    expect(telemetry.attempts.map(({ result }) => result)).toEqual([
      'delivered',
      'refused',
      'failed',
      'failed',
      // what was refused, again
      'failed',
    ]);
    expect(telemetry.batches).toHaveLength(1);
    expect(telemetry.batches[0]).toMatchObject({ destination: 'crm', isCircuitOpen: false });
    expect(telemetry.batches[0]?.oldestAgeMs).toBeGreaterThanOrEqual(90_000);
  });

  it('makes no attempt, and counts none, for what needs none', async () => {
    const { deliver, telemetry } = startCrm(ok);
    const message = aDelivery(aRecord(), 'crm');
    await deliver('crm', message);
    telemetry.attempts.splice(0);
    await deliver('crm', message, aDelivery(aRecord({ id: 'gone', data: expired() }), 'crm'));
    expect(telemetry.attempts).toEqual([]);
  });
  const expired = () => ({ voucher: aVoucher({ expiresAt: secondsLater(-1) }) });

  it('keeps a delivery whose dead letter cannot be stored, and attempts it again', async () => {
    let isDown = true;
    const crm = aDestination({ name: 'crm' }, () => rejected('http_status', { status: 422 }));
    const stored: unknown[] = [];
    const { deliver, hidden, deliveries, advance, telemetry } = createTestFanOut([crm], {
      queues: {
        sendDeadLetter: async (deadLetter) => (isDown ? refuse() : void stored.push(deadLetter)),
      },
    });
    const message = aDelivery(aRecord(), 'crm');

    expect(await deliver('crm', message)).toEqual(['m0']);
    expect(telemetry.errors).toEqual([
      { code: 'follow_up_failed', id: 'whs_hb7Kd93mQ', destination: 'crm', cause: 'TypeError' },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
    expect(deliveries.rows.get(ROW)).toMatchObject({ end: { state: 'waiting' }, attempts: 0 });
    isDown = false;
    await advance(hidden[0]?.seconds ?? NaN);
    expect(await deliver('crm', message)).toEqual([]);
    expect(stored).toMatchObject([{ reason: 'rejected', attempts: 1 }]);
    expect(deliveries.rows.get(ROW)).toMatchObject({ end: { state: 'dead' }, attempts: 1 });
  });

  it.each(['delivered', 'waiting', 'dead'] as const)(
    'keeps its result when the row of a delivery that is %s cannot be finished, and says so',
    async (status) => {
      const outcomes = {
        delivered: ok,
        waiting: unavailable,
        dead: () => rejected('http_status', { status: 422 }),
      };
      const crm = aDestination({ name: 'crm' }, outcomes[status]);
      const { deliver, telemetry } = createTestFanOut([crm], {
        deliveries: inMemoryDeliveries({
          finish: async () => ({ kind: 'not_written', cause: 'TimeoutError' }),
        }),
      });
      expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual(
        status === 'waiting' ? ['m0'] : [],
      );
      expect(telemetry.deliveries).toMatchObject([{ status }]);
      const code = status === 'delivered' ? 'delivered_write_failed' : 'deliveries_write_failed';
      const ids = { id: 'whs_hb7Kd93mQ', destination: 'crm' };
      expect(telemetry.errors).toEqual([{ code, ...ids, cause: 'TimeoutError' }]);
    },
  );

  it('keeps its messages when they cannot be hidden: they come back when SQS shows them again', async () => {
    const crm = aDestination({ name: 'crm' }, unavailable);
    const { deliver, telemetry } = createTestFanOut([crm], { queues: { hide: refuse } });
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual(['m0']);
    expect(telemetry.errors).toEqual([
      { code: 'hide_failed', destination: 'crm', cause: 'TypeError' },
    ]);
  });

  it('counts the wait of an attempt that failed from its end, not from the end of the batch', async () => {
    const crm = aDestination({ name: 'crm', limit: { perSecond: 0.5 } }, (n) =>
      n === 0 || n === 3 ? unavailable() : delivered(204),
    );
    const { deliver, hidden, deliveries } = createTestFanOut([crm]);
    const batch = ['a', 'b', 'c', 'd'].map((id) => aDelivery(aRecord({ id }), 'crm'));
    expect(await deliver('crm', ...batch)).toEqual(['m0', 'm3']);
    expect(deliveries.rows.get('a crm')?.end).toMatchObject({ nextAt: secondsLater(5) });
    expect(hidden).toMatchObject([
      { handle: 'handle0', seconds: 0 },
      { handle: 'handle3', seconds: 5 },
    ]);
  });

  it('keeps what is not settled when the time of the function is over, and returns the rest', async () => {
    const crm = aDestination({ name: 'crm' }, (n) =>
      n === 0 ? delivered(204) : rejected('http_status', { status: 422 }),
    );
    const { deliver, deliveries } = createTestFanOut([crm], {
      queues: { sendDeadLetter: async () => new Promise(() => {}) },
    });
    const batch = ['a', 'b'].map((id) => aDelivery(aRecord({ id }), 'crm'));
    expect(await deliver('crm', ...batch)).toEqual(['m1']);
    expect(Date.now() - NOW.getTime()).toBeLessThan(60_000);
    expect(deliveries.rows.get('a crm')).toMatchObject({ end: { state: 'delivered' } });
    expect(deliveries.rows.get('b crm')).toMatchObject({ end: null });
  });

  it('returns in time what it has delivered when SQS does not answer', async () => {
    const crm = aDestination({ name: 'crm' }, (n) => (n === 0 ? delivered(204) : unavailable()));
    const { deliver } = createTestFanOut([crm], {
      queues: { hide: async () => new Promise(() => {}) },
    });
    const batch = ['a', 'b'].map((id) => aDelivery(aRecord({ id }), 'crm'));
    expect(await deliver('crm', ...batch)).toEqual(['m1']);
    expect(Date.now() - NOW.getTime()).toBeLessThan(60_000);
  });

  it('keeps a message on which the deliveries table throws, and settles the others', async () => {
    const inMemory = inMemoryDeliveries();
    const { deliver, telemetry } = createTestFanOut([aDestination({ name: 'crm' })], {
      deliveries: inMemoryDeliveries({
        take: async (key, ...rest) =>
          key.id === 'broken' ? refuse() : inMemory.take(key, ...rest),
      }),
    });
    const batch = [aRecord({ id: 'broken' }), aRecord()].map((record) => aDelivery(record, 'crm'));
    expect(await deliver('crm', ...batch)).toEqual(['m0']);
    expect(telemetry.errors).toEqual([
      { code: 'message_failed', id: 'broken', destination: 'crm', cause: 'TypeError' },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
  });

  it('hides a message whose delivery another invocation is making, until that ends', async () => {
    const { crm, deliver, deliveries, hidden, telemetry } = startCrm(ok);
    const other = { token: 'another', remainingMs: () => 20_000 };
    const times = { requestedAt: secondsLater(-9) };
    const key = { id: aRecord().id, destination: 'crm', isBusinessKey: false, receivedAtMs: null };
    await deliveries.take(key, other, times);
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual(['m0']);
    expect(crm.received).toEqual([]);
    expect(hidden).toEqual([{ queue: 'crm', handle: 'handle0', seconds: 20 }]);
    expect(telemetry.deliveries).toMatchObject([{ status: 'in_progress', failure: 'in_progress' }]);
  });

  it('makes a delivery once of which it has two copies', async () => {
    const { crm, deliver } = startCrm(ok);
    const message = aDelivery(aRecord(), 'crm');
    expect(await deliver('crm', message, message)).toEqual(['m1']);
    expect(crm.received).toHaveLength(1);
  });

  it('sends nothing while the deliveries table cannot be reached, and gives nothing up', async () => {
    const crm = aDestination({ name: 'crm' });
    const { deliver, hidden, deadLetters, telemetry } = createTestFanOut([crm], {
      deliveries: inMemoryDeliveries({
        take: async () => ({ kind: 'deliveries_unavailable', cause: 'ThrottlingException' }),
      }),
    });
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual(['m0']);
    expect([crm.received, deadLetters]).toEqual([[], []]);
    expect(hidden).toMatchObject([{ seconds: 6 }]);
    const unreachable = { failure: 'deliveries_unavailable', cause: 'ThrottlingException' };
    expect(telemetry.deliveries).toMatchObject([{ status: 'waiting', ...unreachable }]);
    expect(telemetry.errors).toMatchObject([
      { code: 'deliveries_unavailable', destination: 'crm', ...unreachable },
    ]);
  });

  it('leaves the row free when only the row of the business key cannot be taken', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 'pub_1' });
    const inMemory = inMemoryDeliveries();
    let isDown = true;
    const { deliver, hidden, advance } = createTestFanOut([crm], {
      deliveries: {
        ...inMemory,
        take: async (key, ...rest) =>
          key.isBusinessKey && isDown
            ? { kind: 'deliveries_unavailable', cause: 'TimeoutError' }
            : inMemory.take(key, ...rest),
      },
    });
    await deliver('crm', aDelivery(aRecord(), 'crm'));
    isDown = false;
    await advance(hidden[0]?.seconds ?? NaN);
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'))).toEqual([]);
    expect(crm.received).toHaveLength(1);
  });

  it('ends an attempt that ignores its timeout, and goes on with the others', async () => {
    const crm = aDestination({ name: 'crm' }, (n) =>
      n === 0 ? new Promise(() => {}) : delivered(204),
    );
    const { deliver, deliveries } = createTestFanOut([crm]);
    const batch = ['deaf', 'fine'].map((id) => aDelivery(aRecord({ id }), 'crm'));
    expect(await deliver('crm', ...batch)).toEqual(['m0']);
    expect(Date.now() - NOW.getTime()).toBe(5_500);
    expect(deliveries.rows.get('deaf crm')?.end).toMatchObject({
      state: 'waiting',
      lastFailure: { reason: 'timeout' },
    });
    expect(deliveries.rows.get('fine crm')?.end).toMatchObject({ state: 'delivered' });
  });

  it.each([
    [13_501, 1],
    [13_500, 1],
    [13_499, 0],
  ])(
    'with %i ms left for a timeout of 5 s, its grace and the 8 s beside it makes %i attempts',
    async (timeoutMs, attempts) => {
      const { crm, deliverWith, deliveries, telemetry, hidden } = startCrm(ok);
      const staying = await deliverWith('crm', { timeoutMs }, aDelivery(aRecord(), 'crm'));
      expect(crm.received).toHaveLength(attempts);
      expect(staying).toHaveLength(1 - attempts);
      if (attempts === 1) return;
      // what is not attempted takes no row, which another invocation could need
      expect([...deliveries.rows]).toEqual([]);
      expect(hidden).toMatchObject([{ seconds: 6 }]);
      expect(telemetry.deliveries).toMatchObject([
        { status: 'waiting', failure: 'insufficient_time' },
      ]);
    },
  );

  it('makes no attempt when the time ran out while the row was taken', async () => {
    const inMemory = inMemoryDeliveries();
    const crm = aDestination({ name: 'crm' });
    const { deliverWith } = createTestFanOut([crm], {
      deliveries: {
        ...inMemory,
        take: async (...args) => {
          await new Promise((resolve) => setTimeout(resolve, 3_001));
          return inMemory.take(...args);
        },
      },
    });
    const staying = await deliverWith('crm', { timeoutMs: 13_500 }, aDelivery(aRecord(), 'crm'));
    expect(staying).toEqual(['m0']);
    expect(crm.received).toEqual([]);
    expect(inMemory.rows.get(ROW)).toMatchObject({ end: { state: 'waiting' }, attempts: 0 });
  });

  it('puts what is no delivery on [dead-letters] unchanged, and nothing of its content in the log', async () => {
    const { deliver, crm, deadLetters, telemetry } = startCrm(ok);
    const ofAnother = aDelivery(aRecord(), 'sms');
    const bodies = ['{"code":"HARBOUR-K7Q2"', { code: 'HARBOUR-K7Q2' }, aRecord(), ofAnother];
    expect(await deliver('crm', ...bodies, aDelivery(aRecord(), 'crm'))).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'invalid_message', body: '{"code":"HARBOUR-K7Q2"', issues: ['is not JSON'] },
      { reason: 'invalid_message', body: '{"code":"HARBOUR-K7Q2"}' },
      { reason: 'invalid_message', body: JSON.stringify(aRecord()), issues: ['is no delivery'] },
      { reason: 'invalid_message', issues: ['destination: is that of another queue'] },
    ]);
    expect(deadLetters.every((deadLetter) => v.is(DeadLetterSchema, deadLetter))).toBe(true);
    expect(telemetry.errors.map(({ code, id }) => [code, id])).toEqual([
      ['invalid_message', 'm0'],
      ['invalid_message', 'm1'],
      ['invalid_message', 'm2'],
      ['invalid_message', 'm3'],
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('HARBOUR');
    expect(crm.received).toHaveLength(1);
  });

  it('keeps an invalid message whose dead letter cannot be stored', async () => {
    const { deliver } = createTestFanOut([aDestination({ name: 'crm' })], {
      queues: { sendDeadLetter: refuse },
    });
    expect(await deliver('crm', 'no JSON', aDelivery(aRecord(), 'crm'))).toEqual(['m0']);
  });

  it('leaves no timer behind, which would keep the function awake', async () => {
    await startCrm(ok, unavailable).deliver(
      'crm',
      ...['a', 'b', 'c'].map((id) => aDelivery(aRecord({ id }), 'crm')),
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be empty', async () => {
    expect(await startCrm(ok).deliver('crm')).toEqual([]);
  });
});

describe('the queue of a destination that is no longer declared', () => {
  it('becomes dead letters and errors', async () => {
    const { deliver, deadLetters, telemetry } = createTestFanOut([aDestination({ name: 'sms' })]);
    const message = aDelivery(aRecord(), 'crm', { requestedAt: secondsLater(-10) });
    expect(await deliver('crm', message, 'no JSON')).toEqual([]);
    expect(deadLetters).toMatchObject([
      {
        destination: 'crm',
        reason: 'unknown_destination',
        lastFailure: null,
        detail: null,
        attempts: 0,
        firstAt: secondsLater(-10),
        lastAt: secondsLater(0),
      },
      { reason: 'invalid_message', body: 'no JSON', issues: ['is not JSON'] },
    ]);
    expect(deadLetters.every((deadLetter) => v.is(DeadLetterSchema, deadLetter))).toBe(true);
    expect(telemetry.errors).toMatchObject([
      { code: 'unknown_destination', id: 'whs_hb7Kd93mQ' },
      { code: 'invalid_message', id: 'm1' },
    ]);
  });

  it('keeps the messages whose dead letter cannot be stored', async () => {
    const { deliver } = createTestFanOut([], { queues: { sendDeadLetter: refuse } });
    expect(await deliver('crm', aDelivery(aRecord(), 'crm'), 'no JSON')).toEqual(['m0', 'm1']);
  });
});
