import { beforeEach, describe, expect, it } from 'vitest';
import { createSigningKeys, type SigningKeys } from '../../lib/receive/signing-keys.ts';
import { sign, toSigningKey } from '../../lib/voucherify/signature.ts';
import { recordingTelemetry, type RecordingTelemetry } from '../support/recording-telemetry.ts';

/** A store of one secret that counts its reads, and a clock that tests advance. */
let store: { text: string | null; reads: number };
let nowMs: number;
let telemetry: RecordingTelemetry;
let keys: SigningKeys;

beforeEach(() => {
  store = { text: 'first-key', reads: 0 };
  nowMs = Date.parse('2026-03-05T09:15:04.000Z');
  telemetry = recordingTelemetry();
  keys = createSigningKeys({
    read: async () => {
      store.reads += 1;
      if (store.text === null) throw new DeniedError('no access to first-key');
      return store.text;
    },
    telemetry,
    now: () => new Date(nowMs),
  });
});

class DeniedError extends Error {
  override readonly name = 'AccessDeniedException';
}

const advanceClock = (seconds: number): void => {
  nowMs += seconds * 1_000;
};

/** Finds the secrets, of these three, that the keys were made from. */
async function findSecrets(version?: 'newest'): Promise<string[]> {
  const signatures = new Set((await keys(version)).map((key) => sign('body', key)));
  return ['first-key', 'second-key', 'third-key'].filter((secret) =>
    signatures.has(sign('body', toSigningKey(secret))),
  );
}

describe('the signing keys', () => {
  it('are one for each line of the secret, trimmed and without duplicates', async () => {
    store.text = '\r\n  first-key \r\n\nsecond-key\nfirst-key\n';
    expect(await findSecrets()).toEqual(['first-key', 'second-key']);
    expect(await keys()).toHaveLength(2);
  });

  it('are read once, by calls at the same time too, and again after five minutes', async () => {
    await Promise.all([keys(), keys('newest'), keys()]);
    advanceClock(299);
    await keys();
    expect(store.reads).toBe(1);
    advanceClock(1);
    await keys();
    expect(store.reads).toBe(2);
  });

  it('are the same array while the secret is the same', async () => {
    const before = await keys();
    advanceClock(60);
    expect(await keys('newest')).toBe(before);
    expect(store.reads).toBe(2);
  });

  it('are read again after a rotation when a signature does not match', async () => {
    await keys();
    store.text = 'second-key\nfirst-key';
    advanceClock(30);
    expect(await findSecrets()).toEqual(['first-key']);
    expect(await findSecrets('newest')).toEqual(['first-key', 'second-key']);
    expect(await findSecrets()).toEqual(['first-key', 'second-key']);
  });

  it('are read at most once in 30 seconds, however many signatures do not match', async () => {
    await keys();
    for (let n = 0; n < 600; n += 1) {
      advanceClock(0.1);
      await Promise.all([keys('newest'), keys(), keys('newest')]);
    }
    expect(store.reads).toBe(1 + 2);
  });
});

describe('a secret that cannot be read', () => {
  it('keeps the value read before in use, and is logged as an error', async () => {
    await keys();
    store.text = null;
    advanceClock(300);
    expect(await findSecrets()).toEqual(['first-key']);
    expect(telemetry.errors).toEqual([
      { code: 'webhook_secret_not_refreshed', cause: 'AccessDeniedException' },
    ]);
    expect(JSON.stringify(telemetry)).not.toContain('first-key');
  });

  it('makes a read of the newest keys reject', async () => {
    await keys();
    store.text = null;
    advanceClock(30);
    await expect(keys('newest')).rejects.toThrow('cannot be read');
    advanceClock(29);
    await expect(keys('newest')).rejects.toThrow('cannot be read');
    expect(store.reads).toBe(2);
    store.text = 'second-key';
    advanceClock(1);
    expect(await findSecrets('newest')).toEqual(['second-key']);
  });

  it('is read again while there is no value, at most once a second', async () => {
    store.text = null;
    for (let n = 0; n < 10; n += 1) {
      await expect(keys()).rejects.toThrow('cannot be read');
      advanceClock(0.25);
    }
    expect(store.reads).toBe(3);
    expect(telemetry.errors[0]).toEqual({
      code: 'webhook_secret_unavailable',
      cause: 'AccessDeniedException',
    });
    store.text = 'first-key';
    advanceClock(1);
    expect(await findSecrets()).toEqual(['first-key']);
  });
});

describe('a malformed secret', () => {
  const MALFORMED = [
    ['pretty-printed JSON', '{\n  "a": "first-key",\n  "b": "second-key"\n}', [1, 2, 3, 4]],
    ['a good line beside one in quotes', 'first-key\n"second-key"', [2]],
    ['one that is too short', 'first', [1]],
  ] as const;

  it.each(MALFORMED)('%s leaves no key, and is logged by line', async (_case, text, lines) => {
    store.text = text;
    await expect(keys()).rejects.toThrow('cannot be read');
    expect(telemetry.errors).toEqual([
      {
        code: 'webhook_secret_malformed',
        issues: lines.map((line) => expect.stringMatching(`^line ${line} `) as string),
      },
    ]);
    expect(JSON.stringify(telemetry)).not.toMatch(/first|second-key/);
  });

  it.each(MALFORMED)('%s is read again until it is fixed', async (_case, text) => {
    store.text = text;
    await expect(keys()).rejects.toThrow('cannot be read');
    store.text = 'first-key';
    advanceClock(1);
    expect(await findSecrets()).toEqual(['first-key']);
  });

  it.each(MALFORMED)('%s keeps the keys read before in use', async (_case, text) => {
    await keys();
    store.text = text;
    advanceClock(300);
    expect(await findSecrets()).toEqual(['first-key']);
    expect(telemetry.errors).toMatchObject([{ code: 'webhook_secret_malformed' }]);
    await expect(keys('newest')).rejects.toThrow('cannot be read');
  });
});

describe('an older secret', () => {
  it('is not used after the secret was emptied', async () => {
    await keys();
    store.text = '\n';
    advanceClock(300);
    expect(await keys()).toEqual([]);
  });
});

describe('no secret', () => {
  it('results in no keys, and is logged as an error at every read', async () => {
    store.text = ' \n';
    expect(await keys()).toEqual([]);
    expect(await keys()).toEqual([]);
    advanceClock(1);
    expect(await keys()).toEqual([]);
    expect(telemetry.errors).toEqual([
      { code: 'webhook_secret_missing' },
      { code: 'webhook_secret_missing' },
    ]);
    store.text = 'first-key';
    advanceClock(1);
    expect(await findSecrets()).toEqual(['first-key']);
  });
});
