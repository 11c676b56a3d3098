import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeData,
  customer,
  fromDistribution,
  fromProject,
  giftCard,
  type Json,
  publication,
  voucher,
} from '../support/payloads.ts';
import { getPaths, requireIssues, requireRecord, runToRecord } from './to-record-result.ts';

const EVENT = 'manual_distribution_schedule';
const withVoucher = (changes: Json): unknown =>
  fromDistribution(EVENT, codeData({ voucher: voucher(changes), publication: null }));

describe('a field that decides whether a code can be used', () => {
  const DECIDES: readonly [path: string, toBody: (value: unknown) => unknown][] = [
    ['data.voucher.active', (active) => withVoucher({ active })],
    ['data.voucher.expiration_date', (expires) => withVoucher({ expiration_date: expires })],
    ['data.voucher.redemption', (redemption) => withVoucher({ redemption })],
    [
      'data.voucher.redemption.quantity',
      (quantity) => withVoucher({ redemption: { quantity, redeemed_quantity: 1 } }),
    ],
    [
      'data.voucher.redemption.redeemed_quantity',
      (used) => withVoucher({ redemption: { quantity: 1, redeemed_quantity: used } }),
    ],
    [
      'data.publication.result',
      (result) => fromDistribution(EVENT, codeData({ publication: { ...publication(), result } })),
    ],
    [
      'data.publication',
      (value) =>
        fromDistribution(EVENT, codeData({ voucher: voucher(), publication: value as Json })),
    ],
  ];

  it.each(DECIDES)('%s is never ignored: the webhook is quarantined', (path, toBody) => {
    for (const value of ['{{it}}', 'no', '0x', [], [1], { no: 1 }, true, 7]) {
      const result = runToRecord(toBody(value));
      // some of the values can be read, each for another field
      const wasRead = result.ok && !getPaths(result.record.data.warnings).includes(path);
      expect(wasRead || (!result.ok && getPaths(result.issues).includes(path)), path).toBe(true);
    }
  });

  it('leads to a quarantine with any text that is neither a time nor a missing one', () => {
    const texts = fc.string({ minLength: 1 }).filter((text) => /[a-y{]/.test(text));
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!/^\W*(?:null|undefined|nan|\[object object\])\W*$/i.test(text));
        for (const changes of [{ active: text }, { expiration_date: text }]) {
          fc.pre(!['true', 'false'].includes(text.trim().toLowerCase()));
          expect(runToRecord(withVoucher(changes)).ok).toBe(false);
        }
      }),
    );
  });

  it.each(['false', 'FALSE', ' False '])('reads the flag %j, with a warning', (active) => {
    const { data } = requireRecord(withVoucher({ active }));
    expect(data.voucher).toMatchObject({
      active: false,
      usable: false,
      unusableReasons: ['inactive'],
    });
    expect(getPaths(data.warnings)).toEqual(['data.voucher.active']);
  });

  it('reads the flag "true", with a warning', () => {
    const { data } = requireRecord(withVoucher({ active: 'TRUE' }));
    expect(data.voucher).toMatchObject({ active: true, usable: true });
    expect(getPaths(data.warnings)).toEqual(['data.voucher.active']);
  });

  it.each([
    '2020-01-01 00:00:00',
    '2020-01-01T00:00:00',
    '2020-01-01T00:00:00+0000',
    1_577_836_800_000,
  ])('reads the expiry %j, with a warning', (expires) => {
    const { data } = requireRecord(withVoucher({ expiration_date: expires }));
    expect(data.voucher).toMatchObject({ usable: false, unusableReasons: ['expired'] });
    expect(getPaths(data.warnings)).toEqual(['data.voucher.expiration_date']);
  });

  it.each(['', ' ', 'null', 'undefined'])(
    'takes the expiry %j for none, with a warning',
    (text) => {
      const { data } = requireRecord(withVoucher({ expiration_date: text }));
      expect(data.voucher).toMatchObject({ expiresAt: null, usable: true });
      expect(getPaths(data.warnings)).toEqual(['data.voucher.expiration_date']);
    },
  );
});

describe('a whole number', () => {
  it.each([
    ['source_id', 'sourceId', 7_712_345_678_901, '7712345678901'],
    ['phone', 'phone', 48_500_100_200, '48500100200'],
    ['id', 'id', 0, '0'],
  ])('is read as the %s of a customer, with a warning', (key, field, value, text) => {
    const data = codeData({ customer: { [key]: value }, publication: null });
    const record = requireRecord(fromDistribution(EVENT, data));
    expect(record.data.customer).toMatchObject({ [field]: text });
    expect(getPaths(record.data.warnings)).toContain(`data.customer.${key}`);
  });

  it.each([1.5, -7, 2 ** 53])('is no id when it is %d', (sourceId) => {
    const data = codeData({ customer: { ...customer(), source_id: sourceId } });
    expect(requireRecord(fromDistribution(EVENT, data)).data.customer?.sourceId).toBeNull();
  });

  it('makes no customer when it is negative: the one in the publication counts', () => {
    const data = codeData({
      customer: { id: -7 },
      publication: { ...publication(), customer: { id: 'cust_mara1' } },
    });
    expect(requireRecord(fromDistribution(EVENT, data)).data.customer?.id).toBe('cust_mara1');
  });

  it('is never a code: it may have lost leading zeros', () => {
    expect(getPaths(requireIssues(withVoucher({ code: 1234 })))).toEqual(['data.voucher.code']);
  });
});

describe('a voucher that is not handed out', () => {
  const READABLE = new Set(['true', 'false', 'null', 'undefined', 'nan', '[object object]']);
  const unreadable = fc.oneof(
    fc.string().filter((text) => /[a-z{]/i.test(text) && !READABLE.has(text.trim().toLowerCase())),
    fc.constantFrom<unknown>([], [1], { no: 1 }),
  );
  const DECIDES: readonly [path: string, toVoucher: (value: unknown) => Json][] = [
    ['active', (active) => voucher({ active })],
    ['expiration_date', (expires) => voucher({ expiration_date: expires })],
    ['redemption.quantity', (quantity) => voucher({ redemption: { quantity } })],
    [
      'redemption.redeemed_quantity',
      (used) => voucher({ redemption: { quantity: 1, redeemed_quantity: used } }),
    ],
    ['gift.amount', (amount) => giftCard({ gift: { amount, balance: 5 } })],
    ['gift.balance', (balance) => giftCard({ gift: { amount: 5, balance } })],
  ];

  it.each(DECIDES)('is not usable while %s cannot be read, with a warning', (path, toVoucher) => {
    fc.assert(
      fc.property(unreadable, (value) => {
        const sent = toVoucher(value);
        const { data } = requireRecord(fromProject('voucher.updated', { voucher: sent }));
        expect(data.purpose).toBe('activity');
        expect(data.voucher).toMatchObject({ usable: false, unusableReasons: ['unreadable'] });
        expect(getPaths(data.warnings)).toContain(`data.voucher.${path}`);
      }),
    );
  });

  it.each(DECIDES)('is not usable as another voucher, either: %s', (path, toVoucher) => {
    const redemption = { id: 'r_1', voucher: { ...toVoucher('{{it}}'), id: 'v_o', code: 'OTHER' } };
    const { data } = requireRecord(
      fromProject('redemption.succeeded', { voucher: voucher(), redemption }),
    );
    expect(data.voucher?.usable).toBe(true);
    expect(data.otherVouchers.map(({ unusableReasons }) => unusableReasons)).toEqual([
      ['unreadable'],
    ]);
    expect(getPaths(data.warnings)).toContain(`data.redemption.voucher.${path}`);
  });

  it.each(['result', null])('is not usable while the publication cannot be read: %s', (key) => {
    const value = key === null ? 'none' : { ...publication(), result: { no: 1 } };
    const { data } = requireRecord(
      fromProject('redemption.succeeded', { voucher: voucher(), publication: value }),
    );
    expect(data.voucher?.unusableReasons).toEqual(['unreadable']);
  });
});

describe('a voucher that is at two paths', () => {
  const inPublication = { ...publication(), voucher: { id: 'v_two', code: 'TWO-1' } };
  const withCopy = (changes: Json): unknown => {
    const sent = { ...voucher(), id: 'v_two', code: 'TWO-1', ...changes };
    return fromDistribution(EVENT, codeData({ voucher: sent, publication: inPublication }));
  };

  it('is usable when both say so', () => {
    expect(requireRecord(withCopy({})).data.voucher).toMatchObject({ code: 'TWO-1', usable: true });
  });

  it.each<[string, Json, string]>([
    ['inactive', { active: false }, 'inactive'],
    ['expired', { expiration_date: '2020-01-01T00:00:00Z' }, 'expired'],
    ['used up', { redemption: { quantity: 1, redeemed_quantity: 1 } }, 'used_up'],
  ])('is not usable when one says that it is %s', (_, changes, reason) => {
    expect(requireRecord(withCopy(changes)).data.voucher).toMatchObject({
      usable: false,
      unusableReasons: [reason],
    });
  });

  it.each<[string, Json]>([
    ['active', { active: 'maybe' }],
    ['expiration_date', { expiration_date: 'soon' }],
    ['code', { code: 'OTHER-1' }],
  ])('is quarantined when one of them leaves open its %s', (key, changes) => {
    expect(getPaths(requireIssues(withCopy(changes)))).toEqual([`data.voucher.${key}`]);
  });
});
