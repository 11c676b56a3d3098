import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toWellFormedRecord, toWellFormedText } from '../../lib/destinations/well-formed.ts';
import { json } from '../../lib/destinations/http-request.ts';
import { aRecord } from '../support/a-record.ts';

const HALF = '\ud83d';
const text = fc.string({ unit: 'binary' });
const anyText = fc.oneof(text, fc.constantFrom(HALF, '\udc00\ud83d', `\\${HALF}`, '\\ud83d', '🎁'));

/** The value with every text and every key made well-formed, by the language's own function. */
function makeWellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(makeWellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key.toWellFormed(), makeWellFormed(one)]),
  );
}

describe('a JSON body that is sent', () => {
  it('is the same value with well-formed texts and keys', () => {
    const value = fc.oneof(anyText, fc.array(anyText), fc.dictionary(anyText, fc.array(anyText)));
    fc.assert(
      fc.property(value, (one) => {
        const sent = toWellFormedText(json(one));
        expect(sent.isWellFormed()).toBe(true);
        expect(JSON.parse(sent)).toEqual(makeWellFormed(JSON.parse(JSON.stringify(one))));
      }),
    );
  });

  it.each([
    [`"\\ud83d"`, '"\u{fffd}"'],
    [`"\\uD83D\\uDE00"`, `"\\uD83D\\uDE00"`],
    [`"\\uDE00\\uD83D"`, '"\u{fffd}\u{fffd}"'],
    [`"\\\\ud83d"`, `"\\\\ud83d"`],
    [`"\\\\\\ud83d"`, '"\\\\\u{fffd}"'],
    [`"\\ud83dx"`, '"\u{fffd}x"'],
    [`"${HALF}"`, '"\u{fffd}"'],
  ])('keeps escapes that are text: %s is sent as %s', (body, sent) => {
    for (const type of ['application/json', 'application/vnd.api+json; charset=utf-8']) {
      expect(toWellFormedText({ type, text: body })).toBe(sent);
    }
  });
});

describe('any other body that is sent', () => {
  it('is well-formed, and an escape in it is text', () => {
    const sent = toWellFormedText({ type: 'text/plain', text: `Zo${HALF} \\ud83d` });
    expect(sent).toBe('Zo\u{fffd} \\ud83d');
  });
});

describe('the record that the merchant builds a request from', () => {
  it('is the record itself when it is well-formed', () => {
    const record = aRecord({ data: { distributionLabel: '🎁 \\ud83d' } });
    expect(toWellFormedRecord(record)).toBe(record);
  });

  it('is well-formed, so that encodeURIComponent cannot throw', () => {
    const record = aRecord({ subject: `cust_${HALF}` });
    const { subject = '' } = toWellFormedRecord(record);
    expect(encodeURIComponent(subject)).toBe('cust_%EF%BF%BD');
  });
});

it.each([
  ['application/json', true],
  ['application/vnd.shop+json; charset=utf-8', true],
  ['application/json ;v=1', true],
  ['text/plain; profile=a/json', false],
  ['text/plain; a=application/json; b=c', false],
  ['application/jsonl', false],
  ['text/x-json', false],
  ['json', false],
])('the type %s is JSON: %s', (type, isJson) => {
  const half = String.raw`"\ud83d"`;
  expect(toWellFormedText({ type, text: half }) !== half).toBe(isJson);
});
