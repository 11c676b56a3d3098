import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeData, customer, fromDistribution, voucher } from '../support/payloads.ts';
import { getPaths, requireIssues, requireRecord } from './to-record-result.ts';

/** The body of a manual distribution with this code. */
const withCode = (code: string): unknown =>
  fromDistribution('manual_distribution_schedule', codeData({ voucher: voucher({ code }) }));
/** The same with these fields of the customer. */
const withCustomer = (fields: object): unknown =>
  fromDistribution(
    'manual_distribution_schedule',
    codeData({ customer: { ...customer(), ...fields } }),
  );

const INVISIBLE = [' ', '\t', '\n', '\u0000', '\u00a0', '\u00ad', '\u200b', '\u200d', '\u2060'];
const invisible = fc.string({ unit: fc.constantFrom(...INVISIBLE, '\ufeff', '\u3164') });
const inAnyCase = (word: string): fc.Arbitrary<string> =>
  fc.mixedCase(fc.constant(word), { toggleCase: (letter) => letter.toUpperCase() });
const nullLike = fc.constantFrom('null', 'undefined', 'nan', '[object object]').chain(inAnyCase);
const placeholder = fc
  .tuple(fc.string(), fc.constantFrom('{{', '}}', '{{voucher.code}}'), fc.string())
  .map((parts) => parts.join(''));
/** Any text that is no value of an id, a code, an address or a number. */
const noValue = fc.oneof(
  invisible,
  placeholder,
  fc.tuple(invisible, nullLike, invisible).map((parts) => parts.join('')),
);

describe('a text that is no value', () => {
  it('is no code: the webhook is invalid', () => {
    fc.assert(
      fc.property(noValue, (code) => {
        expect(getPaths(requireIssues(withCode(code)))).toEqual(['data.voucher.code']);
      }),
    );
  });

  it.each(['id', 'source_id', 'email', 'phone'])(
    'is no %s of a customer: the record has null and a warning',
    (key) => {
      fc.assert(
        fc.property(noValue, (text) => {
          const { data } = requireRecord(withCustomer({ [key]: text }));
          const field = key === 'source_id' ? 'sourceId' : key;
          expect(data.customer).toMatchObject({ [field]: null });
          expect(getPaths(data.warnings)).toContain(`data.customer.${key}`);
        }),
      );
    },
  );

  it.each(['HARBOUR-\ud83d', '\ude00-24', 'A\udc00\ud800B'])(
    'is no code when a character of it is halved: %j',
    (code) => {
      expect(getPaths(requireIssues(withCode(code)))).toEqual(['data.voucher.code']);
      expect(requireRecord(withCode('HARBOUR-\ud83d\ude00')).data.voucher?.usable).toBe(true);
    },
  );

  it('identifies no customer', () => {
    const fields = { id: '{{customer.id}}', source_id: 'null', email: ' ', phone: '\u200b' };
    const data = codeData({ customer: fields, publication: null });
    const issues = requireIssues(fromDistribution('manual_distribution_schedule', data));
    expect(getPaths(issues)).toEqual(['data.customer']);
  });

  it.each([' ', '\u200b', '{{customer.name}}'])('is no name: %j', (name) => {
    const { data } = requireRecord(withCustomer({ name }));
    expect(data.customer?.name).toBeNull();
    expect(getPaths(data.warnings)).toContain('data.customer.name');
  });
});

describe('a text that is a value', () => {
  it.each(['NULL20', 'NONE', 'N/A', '0', 'nullable', 'x null', '{50}', 'NaN1', 'SAVE\u200b10'])(
    'is a code: %j',
    (code) => {
      const { data } = requireRecord(withCode(code));
      expect(data.voucher).toMatchObject({ code, usable: true });
      expect(data.warnings).toEqual([]);
    },
  );

  it('is a name, although it is the word null', () => {
    expect(requireRecord(withCustomer({ name: 'Null' })).data.customer?.name).toBe('Null');
  });
});
