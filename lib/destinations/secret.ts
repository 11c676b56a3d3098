import { createCachedSecret, type CachedSecret } from '../platform/cached-secret.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';

/**
 * A secret of a destination: a function that reads its value at the first call and caches it. With
 * `newest`, for a value that a receiver rejected, it reads again unless it did so a short time ago.
 * Rejects when the secret cannot be read or is empty.
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
      parse: requireNonEmpty,
      isUsable: () => true,
      now,
    });
}

function requireNonEmpty(text: string): string {
  const content = text.trim();
  if (content === '') throw new TypeError('The secret is empty');
  return content;
}
