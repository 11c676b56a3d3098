import { createCachedSecret, type CachedSecret } from '../platform/cached-secret.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';
import { isSigningSecret } from './standard-webhooks.ts';

/**
 * A secret of a destination: a function that reads its value at the first call and caches it. With
 * `newest`, for a value that a receiver rejected, it reads again unless it did so a short time ago.
 * Rejects when the secret cannot be read, is empty or is malformed (parseSecretText).
 */
export type Secret = CachedSecret<string>;

/**
 * The prefix by which lib/stack/destination-grants.ts marks a secret's value that is in place of its
 * name. No store allows a colon in a name.
 */
export const INLINE_SECRET_PREFIX = 'inline:';

/**
 * Creates a function that turns a setting into a secret. The setting is the name of the secret in a
 * store, or on a developer's machine the value itself.
 * @param createFetcher the store: `secretsManager` or `parameterStore` of lib/sdk.ts. Called when the
 * first name is read, so that a function without secrets does not create the store's client.
 */
export function createSecretResolver(
  createFetcher: () => FetchSecret,
  now: () => Date = () => new Date(),
): (nameOrValue: string) => Secret {
  let fetchSecret: FetchSecret | null = null;
  const fetchByName = (name: string): Promise<string> => (fetchSecret ??= createFetcher())(name);
  return (nameOrValue) =>
    createCachedSecret({
      read: async () =>
        nameOrValue.startsWith(INLINE_SECRET_PREFIX)
          ? nameOrValue.slice(INLINE_SECRET_PREFIX.length)
          : fetchByName(nameOrValue),
      parse: parseSecretText,
      isUsable: () => true,
      now,
    });
}

/** Control characters, blanks but the plain one, what shows nothing, and the quotes of a word processor. */
const NEVER_IN_A_KEY = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2018-\u201f]|[^\S ]/u;
const PEM = /^-----BEGIN [A-Z0-9 ]+-----\n[^]*\n-----END [A-Z0-9 ]+-----$/;

/**
 * Returns a secret without the white space around it. Several lines are only the signing secrets of a
 * rotation, or a key in PEM form (RFC 7468).
 * @throws TypeError when it is empty, or when a copy or paste has left in it what no key has. It must
 * count as a secret that cannot be read: a request that such a key spoils would be a dead letter.
 */
export function parseSecretText(text: string): string {
  const content = text.trim();
  if (content === '') throw new TypeError('The secret is empty');
  const lines = content.split(/\r\n|\r|\n/).map((line) => line.trim());
  if (!content.isWellFormed() || lines.some((line) => NEVER_IN_A_KEY.test(line))) {
    throw new TypeError('The secret has a control, invisible or curly character');
  }
  const isOneKey = lines.length === 1 || PEM.test(lines.join('\n'));
  if (!isOneKey && !lines.every((line) => line === '' || isSigningSecret(line))) {
    throw new TypeError('The secret has several lines');
  }
  return content;
}
