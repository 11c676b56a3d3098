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
    ['https://example.test/v1', '/people/', 'https://example.test/v1/people/'],
    ['https://example.test/v1', '/', 'https://example.test/v1/'],
    ['https://example.test/v1', '/a?b=c?d', 'https://example.test/v1/a?b=c?d'],
    ['https://example.test/v1', '/a#b', 'https://example.test/v1/a%23b'],
    ['https://example.test/v1', '/a?b=../..#c', 'https://example.test/v1/a?b=../..%23c'],
    ['https://example.test/v1', '/a.b/..c/d..', 'https://example.test/v1/a.b/..c/d..'],
    ['https://example.test/v1', '/a%2Fb', 'https://example.test/v1/a%2Fb'],
    ['https://example.test/v1', '/Zoë 🎁', 'https://example.test/v1/Zo%C3%AB%20%F0%9F%8E%81'],
  ])('for %s with the path %s is %s', (base, path, url) => {
    expect(resolveUrl(new URL(base), path)?.href).toBe(url);
  });

  it.each([
    ['https://example.test/api?code=KEY', '/items', 'https://example.test/api/items?code=KEY'],
    [
      'https://example.test/api?code=KEY',
      '/items?page=2',
      'https://example.test/api/items?code=KEY&page=2',
    ],
    ['https://example.test/api?a=1&b=%26', '/x?a=2', 'https://example.test/api/x?a=1&b=%26&a=2'],
    ['https://example.test/api?', '/items?', 'https://example.test/api/items'],
  ])('keeps the query of the address: %s with the path %s is %s', (base, path, url) => {
    expect(resolveUrl(new URL(base), path)?.href).toBe(url);
  });

  it.each([undefined, '/people'])('has no fragment of the address (path %s)', (path) => {
    expect(resolveUrl(new URL('https://example.test/v1?a=1#top'), path)?.hash).toBe('');
  });

  it('does not change the URL of its destination', () => {
    const base = new URL('https://example.test/v1?key=1');
    resolveUrl(base, '/people?page=2');
    expect(base.href).toBe('https://example.test/v1?key=1');
  });

  it.each([
    '',
    'people',
    '@example.test/',
    '?a=b',
    '/.',
    '/..',
    '/./a',
    '/a/..',
    '/a/../b',
    '/a/%2e%2E/b',
    '/a/.%2e',
    '/a/%2e',
    '/a/..%2fb',
    '/a/..%5Cb',
    '/a\\..\\b',
    '/\\example.test',
    '//example.test/',
    '/a//b',
    '/a/.\t./b',
    '/a/.\n.',
    '/a\r',
    '/a/\u0000',
    '/a?id=b\nc',
    '/a?\tid=b',
  ])('is none when the path could lead elsewhere: %j', (path) => {
    expect(resolveUrl(new URL('https://example.test/v1'), path)).toBeNull();
  });

  const ids = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('.', '/', '\\', '%', '2', 'e', 'F', '\t', '?', '#', 'a') }),
  );

  it('has the id that the merchant encoded as one segment, whatever the id is', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const path = `/people/${encodeURIComponent(id)}/codes`;
        const url = resolveUrl(new URL('https://example.test/v1'), path);
        const isRefused = id === '' || id.split(/[/\\]/).some((part) => /^\.\.?$/.test(part));
        const segments = ['', 'v1', 'people', encodeURIComponent(id), 'codes'];
        expect(url?.pathname.split('/')).toEqual(isRefused ? undefined : segments);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is below the address, whatever text is in the path without being encoded', () => {
    let urls = 0;
    fc.assert(
      fc.property(ids, ids, (first, second) => {
        const base = 'https://example.test/v1';
        const url = resolveUrl(new URL(`${base}?code=KEY`), `/${first}/${second}`);
        if (url === null) return;
        urls += 1;
        expect(url.href.startsWith(`${base}/`)).toBe(true);
        expect(url.searchParams.get('code')).toBe('KEY');
        // what the URL parser makes of it, too
        expect(new URL(url.href).href).toBe(url.href);
      }),
      { numRuns: 1_000 },
    );
    expect(urls).toBeGreaterThan(100);
  });
});
