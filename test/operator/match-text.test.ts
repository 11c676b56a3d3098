import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextMatcher } from '../../lib/operator/match-text.ts';

const json = JSON.stringify;
const EMAIL = 'ida.quay@example.test';

describe('a text', () => {
  it.each<[string, string, string]>([
    ['a value', EMAIL, json({ email: EMAIL })],
    ['an e-mail in another case', EMAIL, json({ email: 'Ida.Quay@Example.TEST' })],
    ['a key', EMAIL, json({ customers: { [EMAIL]: true } })],
    ['inside a sentence', EMAIL, json({ note: `Write to ${EMAIL}. Now` })],
    ['at the begin of a line', EMAIL, json({ note: `Mail:\n${EMAIL}\nEnd` })],
    ['in a link', EMAIL, json({ link: `mailto:${EMAIL}?subject=x` })],
    ['escaped', 'josé@example.test', '{"email":"jos\\u00e9@example.test"}'],
    ['composed in another way', 'jose\u0301@example.test', '{"email":"josé@example.test"}'],
    ['an escaped letter of a code', 'HARBOUR-K7Q2', '{"code":"\\u0048ARBOUR-K7Q2"}'],
    ['with a quote', 'a"b', json({ code: 'a"b' })],
    ['with a backslash', 'a\\b', json({ code: 'a\\b' })],
    ['with a slash', 'a/b', '{"code":"a\\/b"}'],
    ['an emoji', '\u{1f600}', '{"code":"\\ud83d\\ude00"}'],
    ['JSON in JSON', 'josé', json({ body: json({ body: '{"name":"jos\\u00e9"}' }) })],
    ['a number', '471100', '{"source_id":471100,"x":1}'],
    ['a long number', '12345678901234567890', '{"source_id":12345678901234567890}'],
    ['a key that is there twice', EMAIL, `{"email":"${EMAIL}","email":"x@example.test"}`],
    ['in broken JSON', 'josé', '{"name":"jos\\u00e9","guest":'],
    ['in no JSON', EMAIL, `guest=${EMAIL}&x=1`],
    ['a phone', '+4400000000', json({ phone: '+4400000000' })],
    ['a word of what is no JSON', 'shop-20871', 'guest=shop-20871&x=1'],
    ['a short value as a whole text', '12', json({ source_id: '12' })],
  ])('is found as %s', (_, wanted, text) => {
    expect(createTextMatcher([wanted])(text)).toBe(true);
    expect(createTextMatcher(['another value', wanted])(text)).toBe(true);
  });

  it.each<[string, string, string]>([
    ['of a longer address', 'quay@example.test', json({ email: EMAIL })],
    ['of an address with a tag', 'quay@example.test', json({ email: 'ida+quay@example.test' })],
    ['of a longer domain', 'ida.quay@example.te', json({ email: EMAIL })],
    ['of another domain', EMAIL, json({ email: `${EMAIL}.invalid` })],
    ['of a longer number', '42', '{"amount":1428,"code":"X142"}'],
    ['of a longer word', 'HARBOUR', json({ code: 'HARBOURS' })],
    ['in another case, when it is a code', 'harbour-k7q2', json({ code: 'HARBOUR-K7Q2' })],
    ['of a short number', '12', '{"percent_off":12,"at":"10:12:00"}'],
    ['of another number', '471100', '{"amount":9471100,"x":"a471100b"}'],
    ['of a sentence', 'SUMMER', json({ note: 'SUMMER is here' })],
    ['of another address', 'john', json({ email: 'john@other.test' })],
    ['of what is no JSON, when it is short', 'guest', 'guest=1'],
    ['of nothing', EMAIL, ''],
  ])('is not a part %s', (_, wanted, text) => {
    expect(createTextMatcher([wanted])(text)).toBe(false);
  });

  it('is found wherever it is in any JSON, however often that is nested', () => {
    const anyText = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(anyText, fc.json(), fc.nat({ max: 3 }), (wanted, other, depth) => {
        let text = json([other, { note: wanted }]);
        for (let n = 0; n < depth; n += 1) text = json({ body: text });
        expect(createTextMatcher([wanted])(text)).toBe(true);
      }),
    );
  });

  it('is never found when there is none to look for', () => {
    expect(createTextMatcher([])('anything')).toBe(false);
  });

  it('is looked for in linear time', () => {
    const text = json({ note: '\\'.repeat(500_000) + 'a@'.repeat(100_000) });
    const started = performance.now();
    expect(createTextMatcher([EMAIL, 'a@b'])(text)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
