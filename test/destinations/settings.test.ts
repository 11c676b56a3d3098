import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { DestinationUrlSchema, SigningSecretsSchema } from '../../lib/destinations/settings.ts';

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe('the address of a destination', () => {
  it.each([
    ['https://example.test/hook', 'https://example.test/hook'],
    ['http://127.0.0.1:4000/hook', 'http://127.0.0.1:4000/hook'],
    ['http://localhost/hook', 'http://localhost/hook'],
    ['http://[::1]:4000/', 'http://[::1]:4000/'],
    ['', null],
    [undefined, null],
  ])('may be %s', (text, address) => {
    expect(v.parse(DestinationUrlSchema, text)).toBe(address);
  });

  it.each([
    ['http://example.test/hook', 'does not begin with https://'],
    ['http://127.0.0.1.example.test/', 'does not begin with https://'],
    ['ftp://localhost/', 'does not begin with https://'],
    ['example.test', 'is not a URL'],
  ])('may not be %s, since it %s', (text, fault) => {
    const { issues = [] } = v.safeParse(DestinationUrlSchema, text);
    expect(issues.map(({ message }) => message)).toEqual([fault]);
  });
});

describe('the secrets that requests are signed with', () => {
  it.each([
    ['', []],
    [secretOf(24), [secretOf(24)]],
    [`${secretOf(24)} ${secretOf(64)}`, [secretOf(24), secretOf(64)]],
    [` ${secretOf(24)}\n${secretOf(32)}\n`, [secretOf(24), secretOf(32)]],
  ])('may be %j', (text, secrets) => {
    expect(v.parse(SigningSecretsSchema, text)).toEqual(secrets);
  });

  it.each([secretOf(23), secretOf(65), 'whsec_', 'whsec_not base64', 'abc', `${secretOf(24)} abc`])(
    'may not be %j',
    (text) => {
      const { issues = [] } = v.safeParse(SigningSecretsSchema, text);
      expect(issues.map(({ message }) => message)).toEqual([
        'is not whsec_ and the base64 of 24 to 64 bytes (two of them with a blank between)',
      ]);
    },
  );
});
