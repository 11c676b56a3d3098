import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveUrl, form, json, omitNulls } from '../../lib/destinations/http-request.ts';

describe('the parts of a request', () => {
  it('leave out what is null, where null would delete', () => {
    expect(omitNulls({ code: 'A', name: null, points: 0, text: '', at: undefined })).toEqual({
      code: 'A',
      points: 0,
      text: '',
    });
  });

  it('hold JSON that means the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const { type, text } = json(value);
        expect(type).toBe('application/json');
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('hold forms that mean their fields', () => {
    const fields = fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fields, (wanted) => {
        expect(Object.fromEntries(new URLSearchParams(form(wanted).text))).toEqual({ ...wanted });
      }),
    );
  });
});

describe('the address of a request', () => {
  it.each([
    ['https://example.test', undefined, 'https://example.test/'],
    ['https://example.test/hook?key=1', undefined, 'https://example.test/hook?key=1'],
    ['https://example.test', '/people', 'https://example.test/people'],
    ['https://example.test/v1', '/people', 'https://example.test/v1/people'],
    ['https://example.test/v1/', '/people', 'https://example.test/v1/people'],
    ['https://example.test/v1', '/a?b=c?d', 'https://example.test/v1/a?b=c?d'],
    ['https://example.test/v1', '/a#b', 'https://example.test/v1/a%23b'],
    ['https://example.test/v1', '//evil.test/', 'https://example.test/v1//evil.test/'],
  ])('%s with the path %s is %s', (base, path, address) => {
    expect(resolveUrl(new URL(base), path).href).toBe(address);
  });

  it('leaves that of its destination as it is', () => {
    const base = new URL('https://example.test/v1?key=1');
    resolveUrl(base, '/people?page=2');
    expect(base.href).toBe('https://example.test/v1?key=1');
  });

  it('stays below its destination, whatever a path is made of', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const base = 'https://example.test/v1';
        const address = resolveUrl(new URL(base), `/people/${encodeURIComponent(text)}/code`);
        expect(address.href.startsWith(`${base}/`)).toBe(true);
      }),
    );
  });
});
