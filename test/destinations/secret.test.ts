import { beforeEach, describe, expect, it } from 'vitest';
import { createSecretResolver, type Secret } from '../../lib/destinations/secret.ts';

let store: { opened: number; reads: string[]; text: string | null };
let nowMs: number;
let secret: (nameOrValue: string) => Secret;

beforeEach(() => {
  store = { opened: 0, reads: [], text: 'first' };
  nowMs = 0;
  secret = createSecretResolver(
    () => {
      store.opened += 1;
      return async (name) => {
        store.reads.push(name);
        if (store.text === null) throw new Error('out of reach');
        return store.text;
      };
    },
    () => new Date(nowMs),
  );
});

const advanceClock = (seconds: number): void => {
  nowMs += seconds * 1_000;
};

describe('a secret of a destination', () => {
  it('is read by its name when it is first needed, and cached', async () => {
    const crm = secret('relay/crm');
    const mail = secret('relay/mail');
    expect(store).toMatchObject({ opened: 0, reads: [] });
    expect([await crm(), await crm(), await mail()]).toEqual(['first', 'first', 'first']);
    expect(store).toMatchObject({ opened: 1, reads: ['relay/crm', 'relay/mail'] });
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
  ])('rejects while it is %s, and is read again', async (_case, text) => {
    store.text = text;
    await expect(secret('relay/crm')()).rejects.toThrow('The secret cannot be read');
    store.text = 'first';
    advanceClock(1);
    expect(await secret('relay/crm')()).toBe('first');
  });

  it('keeps its cached value when it cannot be read again', async () => {
    const crm = secret('relay/crm');
    await crm();
    store.text = null;
    advanceClock(300);
    expect(await crm()).toBe('first');
  });

  it('can be the value itself, for which no store is opened', async () => {
    expect(await secret('inline:whsec_x')()).toBe('whsec_x');
    expect(store.opened).toBe(0);
  });
});
