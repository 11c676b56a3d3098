import { beforeEach, describe, expect, it } from 'vitest';
import { createSecretResolver, type Secret } from '../../lib/destinations/secret.ts';

let store: { opened: number; reads: string[]; text: string | null };
let nowMs: number;
let secret: (nameOrItself: string) => Secret;

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

const pass = (seconds: number): void => {
  nowMs += seconds * 1_000;
};

describe('a secret of a destination', () => {
  it('is read by its name when it is first needed, and kept', async () => {
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
    pass(299);
    expect(await crm()).toBe('first');
    pass(1);
    expect(await crm()).toBe('second');
  });

  it('is read again when it is refused, at most once in half a minute', async () => {
    const crm = secret('relay/crm');
    await crm();
    store.text = 'second';
    pass(29);
    expect(await crm('newest')).toBe('first');
    pass(1);
    expect(await Promise.all([crm('newest'), crm('newest')])).toEqual(['second', 'second']);
    expect(await crm('newest')).toBe('second');
    expect(store.reads).toHaveLength(2);
  });

  it('has no blanks around it, as a file ends in a line break', async () => {
    store.text = ' first\n';
    expect(await secret('relay/crm')()).toBe('first');
  });

  it.each([
    ['out of reach', null],
    ['empty', ' \n'],
  ])('is none when it is %s', async (_case, text) => {
    store.text = text;
    await expect(secret('relay/crm')()).rejects.toThrow('The secret cannot be read');
    store.text = 'first';
    pass(1);
    expect(await secret('relay/crm')()).toBe('first');
  });

  it('goes on when it cannot be read again', async () => {
    const crm = secret('relay/crm');
    await crm();
    store.text = null;
    pass(300);
    expect(await crm()).toBe('first');
  });

  it('can be the text itself, for which no store is opened', async () => {
    expect(await secret('inline:whsec_x')()).toBe('whsec_x');
    expect(store.opened).toBe(0);
  });
});
