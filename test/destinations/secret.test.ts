import { beforeEach, describe, expect, it } from 'vitest';
import { createSecret, createSecretReference, type Secret } from '../../lib/destinations/secret.ts';

let store: { opened: number; reads: string[]; text: string | null };
let nowMs: number;
let secret: (nameOrValue: string) => Secret;

beforeEach(() => {
  store = { opened: 0, reads: [], text: 'first' };
  nowMs = 0;
  const reference = createSecretReference('secret', 'relay/{stage}/crm', () => {
    store.opened += 1;
    return async (name) => {
      store.reads.push(name);
      if (store.text === null) throw new Error('out of reach');
      return store.text;
    };
  });
  secret = (nameOrValue) => {
    const environment = { CRM_SECRET: nameOrValue };
    return createSecret(reference, 'CRM_SECRET', { environment }, () => new Date(nowMs));
  };
});

const advanceClock = (seconds: number): void => {
  nowMs += seconds * 1_000;
};

describe('a secret of a destination', () => {
  it('cannot be read while its variable is missing, which says so', async () => {
    await expect(secret('')()).rejects.toThrow('CRM_SECRET is missing: deploy again');
    expect(store.opened).toBe(0);
  });

  it('is read by its name when it is first needed, and cached', async () => {
    const crm = secret('relay/crm');
    const mail = secret('relay/mail');
    expect(store).toMatchObject({ opened: 0, reads: [] });
    expect([await crm(), await crm(), await mail()]).toEqual(['first', 'first', 'first']);
    expect(store).toMatchObject({ opened: 2, reads: ['relay/crm', 'relay/mail'] });
  });

  it('is read again after five minutes', async () => {
    const crm = secret('relay/crm');
    await crm();
    store.text = 'second';
    advanceClock(299);
    expect(await crm()).toBe('first');
    advanceClock(1);
    expect(await crm()).toBe('second');
  });

  it('is read again when a receiver rejects it, at most once in 30 seconds', async () => {
    const crm = secret('relay/crm');
    await crm();
    store.text = 'second';
    advanceClock(29);
    expect(await crm('newest')).toBe('first');
    advanceClock(1);
    expect(await Promise.all([crm('newest'), crm('newest')])).toEqual(['second', 'second']);
    expect(await crm('newest')).toBe('second');
    expect(store.reads).toHaveLength(2);
  });

  it('is trimmed, since a file ends in a line break', async () => {
    store.text = ' first\n';
    expect(await secret('relay/crm')()).toBe('first');
  });

  it.each([
    ['out of reach', null],
    ['empty', ' \n'],
    ['of two lines', 'first\nsecond'],
    ['with a zero-width blank', 'fir\u200bst'],
    ['with a zero-width blank at its end', 'first\u2060'],
    ['with a no-break space', 'fir\u00a0st'],
    ['in curly quotes', '\u201cfirst\u201d'],
    ['with a curly apostrophe', 'fir\u2019st'],
    ['with a control character', 'fir\u0007st'],
    ['with a tab', 'fir\tst'],
    ['with half of an emoji', 'fir\ud83dst'],
    ['partly of signing secrets', 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz\nfirst'],
  ])('rejects while it is %s, and is read again', async (_case, text) => {
    store.text = text;
    await expect(secret('relay/crm')()).rejects.toThrow('The secret cannot be read');
    store.text = 'first';
    advanceClock(1);
    expect(await secret('relay/crm')()).toBe('first');
  });

  it.each([
    ['cannot be read again', null],
    ['is stored again with a curly quote', '\u201dsecond'],
    ['is stored again with another line', 'second\nfirst'],
  ])('keeps its cached value when it %s', async (_case, text) => {
    const crm = secret('relay/crm');
    await crm();
    store.text = text;
    advanceClock(300);
    expect(await crm()).toBe('first');
  });

  it.each([
    ['words', 'correct horse battery staple'],
    ['letters of any language', 'p\u0142\u00f3tno-\u043a\u043b\u044e\u0447'],
    ['straight quotes', `a'b"c`],
    ['JSON in one line', '{"user":"relay","password":"invented"}'],
    ['two signing secrets', `whsec_${'a'.repeat(32)}\r\nwhsec_${'b'.repeat(32)}`],
    ['a PEM key', '-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----'],
  ])('can be %s', async (_what, text) => {
    store.text = `${text}\n`;
    expect(await secret('relay/crm')()).toBe(text);
  });

  it('can be the value itself, for which no store is opened', async () => {
    expect(await secret('inline:whsec_x')()).toBe('whsec_x');
    expect(store.opened).toBe(0);
  });
});
