import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { delivered, rejected, retry } from '../../lib/destinations/outcome.ts';
import { DeadLetterSchema } from '../../lib/fan-out/dead-letter.ts';
import { RetryMessageSchema } from '../../lib/fan-out/retry-message.ts';
import { ConfigError } from '../../lib/platform/config.ts';
import { aRecord, aVoucher, RECEIVED_AT } from '../support/a-record.ts';
import { aDestination, fanOutTo, NOW } from '../support/fan-out.ts';
import { aBatch, aContext } from '../support/lambda.ts';

const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000).toISOString();
const busy = () => retry('http_503', { status: 503, answer: 'try later' });

const aRetry = (changes: object = {}) => ({
  record: aRecord(),
  destination: 'crm',
  attempt: 2,
  firstAt: at(-10),
  lastAt: at(-5),
  notBefore: at(-1),
  reason: 'http_503',
  status: 503,
  ...changes,
});

describe('a record', () => {
  it('goes to every destination that accepts it', async () => {
    const crm = aDestination({ name: 'crm' });
    const codes = aDestination({ name: 'codes', accepts: ({ data }) => data.purpose === 'code' });
    const none = aDestination({ name: 'none', accepts: () => false });
    const { take, journal } = fanOutTo([crm, codes, none]);

    expect(await take(aRecord())).toEqual([]);

    expect([crm.got, codes.got, none.got]).toEqual([[aRecord()], [aRecord()], []]);
    expect(journal.deliveries).toEqual(
      ['crm', 'codes'].map((destination) => ({
        id: 'whs_hb7Kd93mQ',
        event: 'voucherify.manual_distribution_schedule',
        destination,
        outcome: 'delivered',
        status: 204,
        ms: 0,
        attempt: 1,
        ageMs: NOW.getTime() - Date.parse(RECEIVED_AT),
      })),
    );
    expect(journal.troubles).toEqual([]);
  });

  it('goes nowhere twice', async () => {
    const crm = aDestination({ name: 'crm' });
    const { take, journal } = fanOutTo([crm]);
    await take(aRecord());
    expect(await take(aRecord())).toEqual([]);
    expect(crm.got).toHaveLength(1);
    expect(journal.deliveries[1]).toMatchObject({ outcome: 'duplicate' });
  });

  it('that cannot be delivered now waits on the retries queue, and the others are not held up', async () => {
    const crm = aDestination({ name: 'crm' }, busy);
    const sms = aDestination({ name: 'sms' });
    const { take, retries, journal } = fanOutTo([crm, sms]);

    expect(await take(aRecord())).toEqual([]);

    expect(sms.got).toHaveLength(1);
    expect(retries).toEqual([
      {
        delaySeconds: 5,
        retry: {
          record: aRecord(),
          destination: 'crm',
          attempt: 2,
          firstAt: at(0),
          lastAt: at(0),
          notBefore: at(5),
          reason: 'http_503',
          status: 503,
        },
      },
    ]);
    expect(v.is(RetryMessageSchema, retries[0]?.retry)).toBe(true);
    expect(journal.deliveries).toContainEqual(
      expect.objectContaining({
        destination: 'crm',
        outcome: 'retry',
        reason: 'http_503',
        status: 503,
        attempt: 1,
        nextInSeconds: 5,
      }),
    );
  });

  it('that can never be delivered becomes a dead letter that says why', async () => {
    const crm = aDestination({ name: 'crm' }, () =>
      rejected('http_422', { status: 422, answer: 'no such field' }),
    );
    const { take, deadLetters, retries, journal } = fanOutTo([crm]);

    expect(await take(aRecord())).toEqual([]);

    expect(deadLetters).toEqual([
      {
        record: aRecord(),
        destination: 'crm',
        reason: 'http_422',
        status: 422,
        attempts: 1,
        firstAt: at(0),
        lastAt: at(0),
        answer: 'no such field',
      },
    ]);
    expect(v.is(DeadLetterSchema, deadLetters[0])).toBe(true);
    expect(retries).toEqual([]);
    expect(journal.deliveries).toMatchObject([{ outcome: 'rejected', reason: 'http_422' }]);
    expect(JSON.stringify(journal)).not.toContain('no such field');
  });

  it('keeps the words of a cannot for the dead letter', async () => {
    const crm = aDestination({ name: 'crm' }, () =>
      rejected('cannot', { detail: 'ida.quay@example.test has no phone' }),
    );
    const { take, deadLetters, journal } = fanOutTo([crm]);
    await take(aRecord());
    expect(deadLetters).toMatchObject([
      { reason: 'cannot: ida.quay@example.test has no phone', attempts: 1 },
    ]);
    expect(journal.deliveries).toMatchObject([{ outcome: 'rejected', reason: 'cannot' }]);
    expect(JSON.stringify(journal)).not.toContain('ida.quay');
  });

  it.each([
    ['accepts', 'accepts_threw_RangeError'],
    ['once', 'once_threw_RangeError'],
    ['deliver', 'delivery_threw_RangeError'],
  ] as const)(
    'is refused at a destination whose %s throws, and there alone',
    async (method, reason) => {
      const broken = {
        ...aDestination({ name: 'broken' }),
        [method]: () => {
          throw new RangeError('HARBOUR-K7Q2');
        },
      };
      const crm = aDestination({ name: 'crm' });
      const { take, deadLetters, journal } = fanOutTo([broken, crm]);

      expect(await take(aRecord())).toEqual([]);

      expect(crm.got).toHaveLength(1);
      expect(deadLetters).toMatchObject([{ destination: 'broken', reason }]);
      expect(journal.deliveries).toContainEqual(
        expect.objectContaining({ destination: 'broken', outcome: 'rejected', reason }),
      );
      expect(JSON.stringify(journal)).not.toContain('HARBOUR');
    },
  );

  it('that nobody wants becomes a dead letter, loudly', async () => {
    const { take, deadLetters, journal } = fanOutTo([
      aDestination({ name: 'none', accepts: () => false }),
    ]);
    expect(await take(aRecord())).toEqual([]);
    expect(deadLetters).toMatchObject([{ destination: null, reason: 'unrouted', attempts: 0 }]);
    expect(v.is(DeadLetterSchema, deadLetters[0])).toBe(true);
    expect(journal.troubles).toEqual([{ what: 'unrouted', id: 'whs_hb7Kd93mQ' }]);
  });

  it('of a test webhook goes to destinations that ask for it, every time it is sent', async () => {
    const crm = aDestination({ name: 'crm' });
    const tryOut = aDestination({ name: 'try-out', testSends: true });
    const untouched = () => expect.unreachable('the ledger has nothing to do with tests');
    const { take } = fanOutTo([crm, tryOut], { ledger: () => untouched });
    const record = aRecord({ data: { test: true } });
    expect(await take(record, record)).toEqual([]);
    expect([crm.got.length, tryOut.got.length]).toEqual([0, 2]);
  });

  it.each([
    ['key_refused', retry('http_401', { status: 401, alarm: 'key_refused' }), 'retry'],
    ['gone', rejected('http_410', { status: 410, alarm: 'gone' }), 'rejected'],
  ])('wakes somebody: %s', async (what, outcome, follows) => {
    const { take, journal } = fanOutTo([aDestination({ name: 'crm' }, () => outcome)]);
    await take(aRecord());
    expect(journal.deliveries).toMatchObject([{ outcome: follows }]);
    expect(journal.troubles).toEqual([
      { what, id: 'whs_hb7Kd93mQ', destination: 'crm', reason: outcome.reason },
    ]);
  });
});

describe('a retry', () => {
  it('is delivered to its destination alone, and remembered like a first attempt', async () => {
    const crm = aDestination({ name: 'crm' });
    const sms = aDestination({ name: 'sms' });
    const { take, journal } = fanOutTo([crm, sms]);
    expect(await take(aRetry())).toEqual([]);
    await take(aRecord());
    expect([crm.got.length, sms.got.length]).toEqual([1, 1]);
    expect(journal.deliveries[0]).toMatchObject({ outcome: 'delivered', attempt: 2 });
  });

  it('is delivered even when the destination would not accept its record any more', async () => {
    const crm = aDestination({ name: 'crm', accepts: () => false });
    await fanOutTo([crm]).take(aRetry());
    expect(crm.got).toHaveLength(1);
  });

  it.each([
    [0.2, 1],
    [5, 5],
    [900, 900],
    [7_200, 900],
  ])(
    'that comes %d s early is sent on for %d s, without an attempt',
    async (early, delaySeconds) => {
      const crm = aDestination({ name: 'crm' });
      const { take, retries, journal } = fanOutTo([crm]);
      const waiting = aRetry({ notBefore: at(early) });
      expect(await take(waiting)).toEqual([]);
      expect(retries).toEqual([{ retry: waiting, delaySeconds }]);
      expect([crm.got, journal.deliveries]).toEqual([[], []]);
    },
  );

  it('that fails waits for the next attempt, with its first time kept', async () => {
    const { take, retries } = fanOutTo([aDestination({ name: 'crm' }, busy)]);
    await take(aRetry({ attempt: 4, firstAt: at(-200) }));
    expect(retries).toMatchObject([
      { delaySeconds: 600, retry: { attempt: 5, firstAt: at(-200), notBefore: at(600) } },
    ]);
  });

  it('that waits longer than SQS can is hidden for as long as SQS can', async () => {
    const { take, retries } = fanOutTo([aDestination({ name: 'crm' }, busy)]);
    await take(aRetry({ attempt: 9, firstAt: at(-30_000) }));
    expect(retries).toMatchObject([{ delaySeconds: 900, retry: { notBefore: at(28_800) } }]);
  });

  it('that failed for the last time becomes a dead letter', async () => {
    const { take, deadLetters, retries, journal } = fanOutTo([aDestination({ name: 'crm' }, busy)]);
    await take(aRetry({ attempt: 11, firstAt: at(-80_000) }));
    expect(retries).toEqual([]);
    expect(deadLetters).toMatchObject([
      {
        reason: 'attempts_used_up: http_503',
        status: 503,
        attempts: 11,
        firstAt: at(-80_000),
        lastAt: at(0),
        answer: 'try later',
      },
    ]);
    expect(journal.deliveries).toMatchObject([{ outcome: 'dead', attempt: 11 }]);
  });

  it('whose record waited until its voucher expired is not even tried', async () => {
    const crm = aDestination({ name: 'crm' });
    const { take, deadLetters } = fanOutTo([crm]);
    const failures = await take(aRecord({ data: { voucher: aVoucher({ expiresAt: at(-1) }) } }));
    expect(failures).toEqual([]);
    expect(crm.got).toEqual([]);
    expect(deadLetters).toMatchObject([
      { destination: 'crm', reason: 'overtaken: not tried in time', attempts: 0 },
    ]);
  });

  it('that is older than a day is not tried again', async () => {
    const crm = aDestination({ name: 'crm' });
    const { take, deadLetters, journal } = fanOutTo([crm]);
    await take(aRetry({ attempt: 8, firstAt: at(-86_401) }));
    expect(crm.got).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'too_old: http_503', status: 503, attempts: 7, firstAt: at(-86_401) },
    ]);
    expect(journal.deliveries).toMatchObject([{ outcome: 'dead', reason: 'too_old: http_503' }]);
  });

  it('whose voucher has expired meanwhile is not delivered', async () => {
    const crm = aDestination({ name: 'crm' });
    const { take, deadLetters } = fanOutTo([crm]);
    const record = aRecord({ data: { voucher: aVoucher({ expiresAt: at(-1) }) } });
    await take(aRetry({ record }));
    expect(crm.got).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: 'overtaken: http_503', attempts: 1 }]);
  });

  it.each([
    ['expires later', aRecord({ data: { voucher: aVoucher({ expiresAt: at(60) }) } })],
    ['never expires', aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } })],
    ['is not there', aRecord({ data: { purpose: 'message', voucher: null } })],
    [
      'had expired from the start',
      aRecord({
        data: {
          voucher: aVoucher({ expiresAt: at(-99), usable: false, unusableBecause: ['expired'] }),
        },
      }),
    ],
    [
      'is only told of',
      aRecord({ data: { purpose: 'activity', voucher: aVoucher({ expiresAt: at(-1) }) } }),
    ],
  ])('whose voucher %s is delivered', async (_what, record) => {
    const crm = aDestination({ name: 'crm' });
    await fanOutTo([crm]).take(aRetry({ record }));
    expect(crm.got).toHaveLength(1);
  });

  it('for a destination that is no more becomes a dead letter, loudly', async () => {
    const { take, deadLetters, journal } = fanOutTo([aDestination({ name: 'sms' })]);
    expect(await take(aRetry())).toEqual([]);
    expect(deadLetters).toMatchObject([
      { destination: 'crm', reason: 'unknown_destination', attempts: 1, status: 503 },
    ]);
    expect(journal.troubles).toMatchObject([{ what: 'unknown_destination' }]);
  });
});

describe('no attempt is used up', () => {
  it('by a receiver that asks for patience', async () => {
    const { take, retries } = fanOutTo([
      aDestination({ name: 'crm' }, () =>
        retry('http_429', { status: 429, usesAttempt: false, afterSeconds: 60 }),
      ),
    ]);
    await take(aRetry({ attempt: 11 }));
    expect(retries).toMatchObject([{ retry: { attempt: 11 }, delaySeconds: 66 }]);
  });

  it('by a ledger that cannot be asked, which is told', async () => {
    const crm = aDestination({ name: 'crm' });
    const { take, retries, journal } = fanOutTo([crm], {
      ledger: () => async () => ({ kind: 'ledger_unavailable', because: 'ThrottlingException' }),
    });
    expect(await take(aRecord())).toEqual([]);
    expect(crm.got).toEqual([]);
    expect(retries).toMatchObject([{ retry: { attempt: 1 }, delaySeconds: 5 }]);
    expect(journal.troubles).toMatchObject([
      { what: 'ledger', destination: 'crm', reason: 'ledger_unavailable: ThrottlingException' },
    ]);
  });

  it('behind the breaker of a destination that failed five times in a row', async () => {
    const crm = aDestination({ name: 'crm', concurrency: 1 }, busy);
    const sms = aDestination({ name: 'sms' });
    const { take, retries, later, journal } = fanOutTo([crm, sms]);
    const records = Array.from({ length: 7 }, (_, n) => aRecord({ id: `whs_${n}` }));

    expect(await take(...records)).toEqual([]);

    expect([crm.got.length, sms.got.length]).toEqual([5, 7]);
    expect(retries.slice(5)).toMatchObject([
      { retry: { attempt: 1, reason: 'held_back: http_503' }, delaySeconds: 33 },
      { retry: { attempt: 1, reason: 'held_back: http_503' }, delaySeconds: 33 },
    ]);
    expect(journal.deliveries).toContainEqual(
      expect.objectContaining({ outcome: 'retry', reason: 'held_back: http_503', attempt: 1 }),
    );

    later(30);
    await take(aRecord({ id: 'whs_8' }), aRecord({ id: 'whs_9' }));
    expect(crm.got).toHaveLength(6);
  });
});

describe('the one try at a destination that was spared', () => {
  it('is not spent on a record that it has already', async () => {
    let up = true;
    const script = () => (up ? delivered(204) : busy());
    const crm = aDestination({ name: 'crm', concurrency: 1 }, script);
    const { take, later } = fanOutTo([crm]);
    const [known, other] = [aRecord({ id: 'whs_known' }), aRecord({ id: 'whs_other' })];
    await take(known);
    up = false;
    await take(...Array.from({ length: 5 }, (_, n) => aRecord({ id: `whs_${n}` })));
    later(30);
    up = true;

    await take(known, other);

    expect(crm.got.at(-1)).toEqual(other);
  });

  it('comes sooner when a receiver hangs, which holds up a batch each time', async () => {
    const hanging = () => retry('time_limit', { uncertain: true });
    const crm = aDestination({ name: 'crm', concurrency: 1 }, hanging);
    const { take, journal } = fanOutTo([crm]);
    await take(...Array.from({ length: 4 }, (_, n) => aRecord({ id: `whs_${n}` })));
    expect(crm.got).toHaveLength(2);
    expect(journal.troubles).toMatchObject([{ what: 'breaker_opened', reason: 'time_limit' }]);
  });
});

describe('a delivery of which nobody knows whether it arrived', () => {
  const uncertain = () => retry('time_limit', { uncertain: true });

  it('is tried again by default', async () => {
    const { take, retries } = fanOutTo([aDestination({ name: 'crm' }, uncertain)]);
    await take(aRecord());
    expect(retries).toHaveLength(1);
  });

  it('becomes a dead letter where a repetition would do harm', async () => {
    const { take, retries, deadLetters } = fanOutTo([
      aDestination({ name: 'sms', whenUncertain: 'dead-letter' }, uncertain),
    ]);
    await take(aRecord());
    expect(retries).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: 'uncertain: time_limit', attempts: 1 }]);
  });

  it('is tried again even there when it certainly did not arrive', async () => {
    const { take, retries } = fanOutTo([
      aDestination({ name: 'sms', whenUncertain: 'dead-letter' }, () => retry('ECONNREFUSED')),
    ]);
    await take(aRecord());
    expect(retries).toHaveLength(1);
  });
});

describe('a key of the business', () => {
  const told = (id: string, type: string) => aRecord({ id, type });

  it('lets one of several records about the same act through', async () => {
    const crm = aDestination({ name: 'crm', once: ({ data }) => data.publication?.id ?? null });
    const warehouse = aDestination({ name: 'warehouse' });
    const { take, journal } = fanOutTo([crm, warehouse]);
    await take(told('whs_1', 'voucherify.voucher.published'));
    await take(told('whs_2', 'voucherify.publication.succeeded'));
    expect([crm.got.length, warehouse.got.length]).toEqual([1, 2]);
    expect(journal.deliveries.filter(({ outcome }) => outcome === 'duplicate')).toMatchObject([
      { id: 'whs_2', destination: 'crm' },
    ]);
  });

  it('does not hold back records that have none', async () => {
    const crm = aDestination({ name: 'crm', once: () => null });
    const { take } = fanOutTo([crm]);
    await take(told('whs_1', 'a'), told('whs_2', 'b'));
    expect(crm.got).toHaveLength(2);
  });
});

describe('a batch', () => {
  it('reports exactly the messages that were not settled', async () => {
    const crm = aDestination({ name: 'crm' }, (n) => (n % 2 === 0 ? busy() : rejected('http_400')));
    const { take, journal } = fanOutTo([crm], {
      sendRetry: async () => Promise.reject(new TypeError('HARBOUR-K7Q2')),
    });
    const records = ['a', 'b', 'c', 'd'].map((id) => aRecord({ id }));
    expect(await take(...records)).toEqual(['m0', 'm2']);
    expect(journal.troubles).toMatchObject([
      { what: 'delivery_not_settled', id: 'a', destination: 'crm', reason: 'TypeError' },
      { what: 'delivery_not_settled', id: 'c', destination: 'crm', reason: 'TypeError' },
    ]);
    expect(JSON.stringify(journal)).not.toContain('HARBOUR');
  });

  it('reports a message whose dead letter cannot be sent', async () => {
    const refuses = { sendDeadLetter: async () => Promise.reject(new Error('down')) };
    const crm = aDestination({ name: 'crm' }, () => rejected('http_400'));
    const none = aDestination({ name: 'none', accepts: () => false });
    expect(await fanOutTo([crm], refuses).take(aRecord())).toEqual(['m0']);
    expect(await fanOutTo([none], refuses).take(aRecord(), 'no JSON')).toEqual(['m0', 'm1']);
    expect(await fanOutTo([none], refuses).take(aRetry())).toEqual(['m0']);
  });

  it('reports a retry that cannot be sent on', async () => {
    const { take } = fanOutTo([aDestination({ name: 'crm' })], {
      sendRetry: async () => Promise.reject(new Error('down')),
    });
    expect(await take(aRetry({ notBefore: at(60) }))).toEqual(['m0']);
  });

  it('reports a record of which one delivery is not settled, and does not repeat the others', async () => {
    let down = true;
    const crm = aDestination({ name: 'crm' }, () => busy());
    const sms = aDestination({ name: 'sms' });
    const retries: unknown[] = [];
    const { take } = fanOutTo([crm, sms], {
      sendRetry: async (message) => {
        if (down) throw new Error('down');
        retries.push(message);
      },
    });
    expect(await take(aRecord())).toEqual(['m0']);
    down = false;
    expect(await take(aRecord())).toEqual([]);
    expect([sms.got.length, crm.got.length, retries.length]).toEqual([1, 2, 1]);
  });

  it('reports a message whose delivery another invocation is making', async () => {
    const { take, journal } = fanOutTo([aDestination({ name: 'crm' })], {
      ledger: () => async () => ({ kind: 'claimed_elsewhere' }),
    });
    expect(await take(aRecord())).toEqual(['m0']);
    expect(journal.deliveries).toMatchObject([{ outcome: 'retry', reason: 'claimed_elsewhere' }]);
  });

  it('reports a message on which the ledger broke, and settles the others', async () => {
    const { take } = fanOutTo([aDestination({ name: 'crm' })], {
      ledger: () => async (claim, attempt) => {
        if (claim.key.endsWith('broken')) throw new RangeError('broken');
        return attempt();
      },
    });
    expect(await take(aRecord({ id: 'broken' }), aRecord())).toEqual(['m0']);
  });

  it('starts no delivery with less time left than its limit and 2 seconds', async () => {
    const quick = aDestination({ name: 'quick', timeLimitMs: 1_000 });
    const slow = aDestination({ name: 'slow', timeLimitMs: 1_001 });
    const { handler, journal } = fanOutTo([quick, slow]);
    const answer = await handler(
      aBatch(aRecord()),
      aContext(() => 3_000),
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect([quick.got.length, slow.got.length]).toEqual([1, 0]);
    expect(journal.deliveries).toContainEqual(
      expect.objectContaining({ destination: 'slow', outcome: 'retry', reason: 'no_time_left' }),
    );
  });

  it('starts no delivery when the time has gone while it was claimed', async () => {
    let remainingMs = 30_000;
    const crm = aDestination({ name: 'crm' });
    const { handler } = fanOutTo([crm], {
      ledger: () => async (_claim, attempt) => {
        remainingMs = 6_000;
        return attempt();
      },
    });
    const answer = await handler(
      aBatch(aRecord()),
      aContext(() => remainingMs),
    );
    expect(answer.batchItemFailures).toHaveLength(1);
    expect(crm.got).toEqual([]);
  });

  it('puts a message that cannot be read among the dead letters, as it came, without its content in the journal', async () => {
    const { take, deadLetters, journal } = fanOutTo([aDestination({ name: 'crm' })]);
    expect(await take('{"code":"HARBOUR-K7Q2"', { code: 'HARBOUR-K7Q2' }, aRecord())).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'unparsable', body: '{"code":"HARBOUR-K7Q2"', problems: ['is not JSON'] },
      { reason: 'unparsable', body: '{"code":"HARBOUR-K7Q2"}' },
    ]);
    expect(deadLetters.every((letter) => v.is(DeadLetterSchema, letter))).toBe(true);
    expect(journal.troubles).toHaveLength(2);
    expect(JSON.stringify(journal)).not.toContain('HARBOUR');
  });

  it('delivers to one destination while another one hangs', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    const hanging = aDestination({ name: 'hanging', concurrency: 1 }, async () => {
      await end;
      return retry('time_limit', { uncertain: true });
    });
    const { promise: served, resolve: serve } = Promise.withResolvers<void>();
    const crm = aDestination({ name: 'crm' }, (n) => {
      if (n === 19) serve();
      return rejected('http_400');
    });
    const { take } = fanOutTo([hanging, crm]);
    const batch = take(...Array.from({ length: 20 }, (_, n) => aRecord({ id: `whs_${n}` })));
    await served;
    expect(hanging.got).toHaveLength(1);
    resolve();
    expect(await batch).toEqual([]);
  });

  it('is empty', async () => {
    expect(await fanOutTo([]).take()).toEqual([]);
  });
});

describe('destinations that could not work', () => {
  it('are refused at the start, every fault by name', () => {
    const make = () =>
      fanOutTo([
        aDestination({ name: 'CRM' }),
        aDestination({ name: 'sms', timeLimitMs: 0 }),
        aDestination({ name: 'sms', concurrency: 0 }),
        aDestination({ name: 'slow', timeLimitMs: 29_000 }),
      ]);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(
      /'CRM' is not a name[^]*'sms' has a time limit[^]*'sms' is the name of two[^]*'slow' has a time limit above 20000 ms/,
    );
  });
});
