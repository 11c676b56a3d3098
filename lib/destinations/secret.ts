import { createCachedSecret, type CachedSecret } from '../platform/cached-secret.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';

/**
 * A secret of a destination: its text, read when it is first needed and kept. With `newest`, wanted
 * after a receiver refused it, it is read again unless that was done a short while ago.
 * Rejects when it cannot be read; an empty secret is none.
 */
export type Secret = CachedSecret<string>;

/** How lib/stack/destination-grants.ts marks a text that is the secret inline: no store allows a colon in a name. */
export const INLINE_SECRET_PREFIX = 'inline:';

/**
 * Makes secrets of the texts that serverless.yml hands over: names in a store, or on a developer's
 * machine the secrets themselves.
 * @param createFetcher `createSecretReader` of lib/platform/secrets-manager.ts or lib/platform/ssm.ts; called when a name is first read
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
