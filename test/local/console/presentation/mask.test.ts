import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotate, markUnmapped } from '../../../../lib/local/console/presentation/annotations.ts';
import { formatJson } from '../../../../lib/local/console/presentation/format-json.ts';
import { tokenizeJson } from '../../../../lib/local/console/presentation/json-tokens.ts';
import {
  collectPersonalValues,
  maskJson,
} from '../../../../lib/local/console/presentation/mask.ts';
import {
  isPersonalPath,
  maskPersonalValues,
} from '../../../../lib/local/console/presentation/personal-data.ts';

const MASK = '••••••';
const NOTHING_KNOWN = { personalValues: null, maskAllText: false };

describe('a text is masked', () => {
  it.each([
    ['ann@example.com', MASK],
    ['write to ann.b+c@mail.example.com, please', `write to ${MASK}, please`],
    ['<ann@example.com>;(bob@example.org)', `<${MASK}>;(${MASK})`],
    ['mailto:ann@example.com', `mailto:${MASK}`],
    ['ann@example.com@', MASK],
    ['@ann@example.com', MASK],
    ['zoë@münchen.example', MASK],
    ['anna@пример.рф', MASK],
    ['@example.com', '@example.com'],
    ['ann@', 'ann@'],
    ['ann@host', 'ann@host'],
    ['5 @ 3.50', '5 @ 3.50'],
  ])('%s -> %s', (text, masked) => {
    expect(maskPersonalValues(text, null)).toBe(masked);
  });

  it.each([
    ['voucherCode', true],
    ['code', true],
    ['mobilePhoneNumber', true],
    ['to', true],
    ['total', false],
    ['encoded', false],
    ['campaign_type', false],
  ])('by its key %s: %s', (key, isPersonal) => {
    expect(isPersonalPath([key])).toBe(isPersonal);
  });

  it.each(['codes.code', 'code', 'cc', 'discount_coupons', 'gift_vouchers'])(
    'in a list with the key %s, also in a list of lists',
    (name) => {
      const path = name.split('.');
      expect(isPersonalPath([...path, '0'])).toBe(true);
      expect(isPersonalPath([...path, '1', '12'])).toBe(true);
      expect(isPersonalPath([...path, '0', 'id'])).toBe(false);
    },
  );

  it('in longer texts, too, when it is in a list of codes', () => {
    const text = '{"code":["QUAY-7H2K"],"note":"Use QUAY-7H2K"}';
    const { pattern } = collectPersonalValues([text]);
    expect(maskJson(text, { personalValues: pattern, maskAllText: false })).toBe(
      `{"code":["${MASK}"],"note":"Use ${MASK}"}`,
    );
  });

  it('by its key in JSON, and keeps the spelling of everything else', () => {
    const text = '{ "code" : "A1", "value": 1.0, "note": "caf\\u00e9 \\"x\\"" }';
    expect(maskJson(text, NOTHING_KNOWN)).toBe(text.replace('"A1"', `"${MASK}"`));
  });

  it('by its key in text that is not JSON, also when its end is cut off', () => {
    const text = '{"note":"a \\"b\\" \\n","code":"SECRET", "list":["x"],"phone":"+48 600';
    expect(maskJson(text, NOTHING_KNOWN)).toBe(
      `{"note":"a \\"b\\" \\n","code":"${MASK}", "list":["x"],"phone":"${MASK}"`,
    );
  });

  it('in every string of text that is not JSON, when all text may be personal', () => {
    const masked = maskJson('{"a":["Ann","Bob"],"b":"Cora","status":"sent","c":"Do', {
      personalValues: null,
      maskAllText: true,
    });
    expect(masked).toBe(`{"a":["${MASK}","${MASK}"],"b":"${MASK}","status":"sent","c":"${MASK}"`);
  });

  it('wherever a personal value of the body is repeated, whatever characters it has', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }), (code) => {
        const { pattern, isComplete } = collectPersonalValues([JSON.stringify({ code })]);
        expect(isComplete).toBe(true);
        const text = JSON.stringify({ message: `before ${code} after` });
        const masked = maskJson(text, { personalValues: pattern, maskAllText: false });
        expect(JSON.parse(masked)).toEqual({ message: expect.stringContaining(MASK) as string });
        expect(JSON.stringify(JSON.parse(masked))).not.toContain(JSON.stringify(code).slice(1, -1));
      }),
    );
  });

  it('below a path that is too long or a key that is too long, whatever its key', () => {
    const deep = `${'{"a":'.repeat(100)}"Ann"${'}'.repeat(100)}`;
    expect(maskJson(deep, NOTHING_KNOWN)).toBe(deep.replace('"Ann"', `"${MASK}"`));
    const long = JSON.stringify({ ['k'.repeat(300)]: { a: 'Ann' } });
    expect(maskJson(long, NOTHING_KNOWN)).toBe(long.replace('"Ann"', `"${MASK}"`));
  });
});

describe('the personal values of a body', () => {
  it('are limited, and say so', () => {
    const codes = Array.from({ length: 1_000 }, (_, n) => ({ code: `CODE-${n}` }));
    const { pattern, isComplete } = collectPersonalValues([JSON.stringify(codes)]);
    expect(isComplete).toBe(false);
    expect(pattern?.source.length).toBeLessThan(5_000);
  });

  it('are none in a body without any', () => {
    expect(collectPersonalValues(['{"a":1}', 'not JSON'])).toEqual({
      pattern: null,
      isComplete: true,
    });
  });
});

/**
 * 400,000 characters that each make one expression of the console try again and again. Quadratic time
 * for one of them is many minutes; linear time is a fraction of a second.
 */
const LENGTH = 400_000;
const repeat = (part: string): string => part.repeat(LENGTH / part.length);
const MINUTE = 60_000;
const HOSTILE_TEXTS: readonly (readonly [string, string])[] = [
  ['a word', repeat('a')],
  ['signs of an address', repeat('a@')],
  ['dots', `a@${repeat('.')}`],
  ['dots and letters', `a@${repeat('.a')}`],
  ['a phone number', `+${repeat('1')}x`],
  ['white space', `"a"${repeat(' ')}`],
  ['quotes', repeat('"')],
  ['escaped quotes', `"${repeat(String.raw`\"`)}`],
  ['escapes and a line break', `"${repeat(String.raw`\"`)}\\\n`],
  ['backslashes', `"${repeat('\\')}`],
  ['keys without a value', repeat('"a" ')],
  ['colons', `"a"${repeat(':')}`],
  ['digits', repeat('9')],
  ['line breaks', repeat('\r\n')],
  ['brackets', repeat('[')],
];

describe('no long text takes more than linear time', () => {
  it.each(HOSTILE_TEXTS)(
    '%s',
    (_name, text) => {
      const options = { personalValues: /nobody/g, maskAllText: false };
      const bodies = [
        text,
        JSON.stringify(text),
        JSON.stringify({ [text]: text, code: text }),
        JSON.stringify({ note: text }).slice(0, -2),
      ];
      for (const body of bodies) {
        collectPersonalValues([body]);
        const document = formatJson(maskJson(body, options));
        const annotation = { path: text, message: 'is wrong', kind: 'issue' } as const;
        markUnmapped(annotate(document, [annotation]), { [text]: text });
      }
      expect(isPersonalPath([text])).toBe(true);
    },
    MINUTE,
  );

  it.each([
    ['phones in a key', `${repeat('phone')}\n`],
    ['codes in a key', `${repeat('code')}\n`],
    ['names in a key', `${repeat('name')}\n`],
    ['digits in a key', repeat('1')],
  ])(
    '%s',
    (_name, key) => {
      const body = JSON.stringify({ [key]: { list: Array.from({ length: 1_000 }, () => 'a') } });
      expect(maskJson(body, NOTHING_KNOWN)).toContain(MASK);
    },
    MINUTE,
  );

  it(
    'deep nesting',
    () => {
      const depth = 65_536;
      const body = '['.repeat(depth) + ']'.repeat(depth);
      expect(tokenizeJson(body)?.every(({ path }) => path === null || path.length <= 64)).toBe(
        true,
      );
      expect(formatJson(maskJson(body, NOTHING_KNOWN)).truncatedCharacters).toBeGreaterThan(0);
    },
    MINUTE,
  );
});
