import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveUrl, form, json, omitNulls } from '../../lib/destinations/http-request.ts';

describe('the parts of a request', () => {
  it('are without nulls after omitNulls, for APIs where null deletes a value', () => {
    expect(omitNulls({ code: 'A', name: null, points: 0, text: '', at: undefined })).toEqual({
      code: 'A',
      points: 0,
      text: '',
    });
  });

  it('can be a JSON body that parses to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const { type, text } = json(value);
        expect(type).toBe('application/json');
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('can be a form that parses to the same fields', () => {
    const fields = fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fields, (expected) => {
        expect(Object.fromEntries(new URLSearchParams(form(expected).text))).toEqual({
          ...expected,
        });
      }),
    );
  });
});

describe('the URL of a request', () => {
  it.each([
    ['https://example.test', undefined, 'https://example.test/'],
    ['https://example.test/hook?key=1', undefined, 'https://example.test/hook?key=1'],
    ['https://example.test', '/people', 'https://example.test/people'],
    ['https://example.test/v1', '/people', 'https://example.test/v1/people'],
    ['https://example.test/v1/', '/people', 'https://example.test/v1/people'],
    ['https://example.test/v1', '/a?b=c?d', 'https://example.test/v1/a?b=c?d'],
    ['https://example.test/v1', '/a#b', 'https://example.test/v1/a%23b'],
    ['https://example.test/v1', '//evil.test/', 'https://example.test/v1//evil.test/'],
  ])('for %s with the path %s is %s', (base, path, url) => {
    expect(resolveUrl(new URL(base), path).href).toBe(url);
  });

  it('does not change the URL of its destination', () => {
    const base = new URL('https://example.test/v1?key=1');
    resolveUrl(base, '/people?page=2');
    expect(base.href).toBe('https://example.test/v1?key=1');
  });

  it('stays below the URL of its destination, whatever text is in the path', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const base = 'https://example.test/v1';
        const url = resolveUrl(new URL(base), `/people/${encodeURIComponent(text)}/code`);
        expect(url.href.startsWith(`${base}/`)).toBe(true);
      }),
    );
  });
});
