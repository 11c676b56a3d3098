import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { createCachedSecret, type CachedSecret } from '../platform/cached-secret.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';

/** A key that hides the values of index rows. */
export interface IndexKey {
  /** Which key it is, for the rows that were written with it: it says nothing of the key itself. */
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * Returns the keys, the newest first: rows are written with that one and looked up with each. Rejects when
 * they cannot be read or are malformed.
 */
export type IndexKeys = CachedSecret<readonly [IndexKey, ...IndexKey[]]>;

/** What marks the key itself in place of the name of its secret, in the stage local. */
export const INLINE_INDEX_KEY_PREFIX = 'inline:';

/** Two, during a rotation: each is one query more when somebody looks up a customer or a code. */
const MAX_KEYS = 2;
/** As long as the hash, so that nobody finds the key by trying (RFC 2104, section 3). */
const KEY_LINE = /^[\x21-\x7e]{32,512}$/;

/**
 * Caches the keys for one execution environment.
 * @param nameOrKey the name or ARN of the secret; in the stage local the key itself, after `inline:`
 * @param createFetcher opens the store, at the first read
 */
export function createIndexKeys(
  nameOrKey: string,
  createFetcher: () => FetchSecret,
  now: () => Date,
): IndexKeys {
  let fetchSecret: FetchSecret | null = null;
  return createCachedSecret({
    read: async () => {
      if (nameOrKey.startsWith(INLINE_INDEX_KEY_PREFIX)) {
        return nameOrKey.slice(INLINE_INDEX_KEY_PREFIX.length);
      }
      fetchSecret ??= createFetcher();
      return fetchSecret(nameOrKey);
    },
    parse: parseIndexKeys,
    isUsable: () => true,
    now,
  });
}

/**
 * Parses the secret: one key a line, the newest first.
 * @throws TypeError when it has no key, more than two, or one that is too short. The message quotes nothing
 */
export function parseIndexKeys(text: string): readonly [IndexKey, ...IndexKey[]] {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const invalid = lines.findIndex((line) => !KEY_LINE.test(line));
  if (invalid >= 0) {
    throw new TypeError(
      `Line ${invalid + 1} of the index key's secret is not a key of 32 to 512 characters without blanks`,
    );
  }
  const [newest, ...older] = lines.map(toIndexKey);
  if (newest === undefined) throw new TypeError("The index key's secret is empty");
  if (older.length >= MAX_KEYS) {
    throw new TypeError(`The index key's secret has more than ${MAX_KEYS} lines: remove the last`);
  }
  return [newest, ...older];
}

function toIndexKey(text: string): IndexKey {
  const id = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { id, key: createSecretKey(text, 'utf8') };
}

/**
 * Hashes a value for the partition key of an index row (HMAC-SHA-256, base64url). Without the key nobody can
 * find out whether the table has an address or a code by hashing it.
 * @param kind keeps a code apart from a customer's id that is the same text
 */
export function hashValue({ key }: IndexKey, kind: string, value: string): string {
  return createHmac('sha256', key).update(`${kind}\n${value}`).digest('base64url');
}

const PHONE = /^\+[\d\s().-]+$/;

/**
 * Normalises what names a customer, so that it is found however it was typed: white space around it never
 * counts, nor the case of an e-mail address, nor what separates the digits of an international phone number.
 * An id stays as it is.
 * @returns an empty text when there is none
 */
export function normaliseCustomer(value: string): string {
  const text = value.trim();
  if (text.includes('@')) return text.normalize('NFC').toLowerCase();
  return PHONE.test(text) ? text.replaceAll(/[^+\d]/g, '') : text;
}
