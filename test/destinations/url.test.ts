import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createHttpDestination } from '../../lib/destinations/http-destination.ts';
import { DestinationUrlSchema } from '../../lib/destinations/url.ts';
import { HAS_CREDENTIALS } from '../../lib/platform/config.ts';

describe('the URL of a destination', () => {
  it.each([
    ['https://example.test/hook', 'https://example.test/hook'],
    ['http://127.0.0.1:4000/hook', 'http://127.0.0.1:4000/hook'],
    ['http://localhost/hook', 'http://localhost/hook'],
    ['http://[::1]:4000/', 'http://[::1]:4000/'],
    ['', null],
    [undefined, null],
  ])('may be %s', (text, url) => {
    expect(v.parse(DestinationUrlSchema, text)).toBe(url);
  });

  it.each([
    ['http://example.test/hook', 'does not begin with https://'],
    ['http://127.0.0.1.example.test/', 'does not begin with https://'],
    ['ftp://localhost/', 'does not begin with https://'],
    ['example.test', 'is not a URL'],
    ['https://user:password@example.test/', HAS_CREDENTIALS],
    ['https://user@example.test/', HAS_CREDENTIALS],
  ])('may not be %s, since it %s', (text, fault) => {
    const { issues = [] } = v.safeParse(DestinationUrlSchema, text);
    expect(issues.map(({ message }) => message)).toEqual([fault]);
  });

  it.each(['https://user:password@example.test/', 'http://user@127.0.0.1/'])(
    'holds no credentials, which belong into a secret: %s',
    (url) => {
      const { fault } = createHttpDestination({ name: 'crm', url, allowInsecureHttp: true });
      expect(fault).toBe(`has a url that ${HAS_CREDENTIALS}`);
    },
  );
});
