import { createKeptSecret, type KeptSecret } from '../platform/cached-secret.ts';
import type { ReadSecret } from '../platform/fetch-secret.ts';

/**
 * A secret of a destination: its text, read when it is first needed and kept. With `newest`, wanted
 * after a receiver refused it, it is read again unless that was done a short while ago.
 * Rejects when it cannot be read; an empty secret is none.
 */
export type Secret = KeptSecret<string>;

/** How lib/stack/destination-grants.ts marks a text that is the secret itself: no store allows a colon in a name. */
export const SECRET_ITSELF = 'itself:';

/**
 * Makes secrets of the texts that serverless.yml hands over: names in a store, or on a developer's
 * machine the secrets themselves.
 * @param openStore `createSecretReader` of lib/platform/secrets-manager.ts or lib/platform/ssm.ts; called when a name is first read
 */
export function createSecrets(
  openStore: () => ReadSecret,
  now: () => Date = () => new Date(),
): (nameOrItself: string) => Secret {
  let store: ReadSecret | null = null;
  const readByName = (name: string): Promise<string> => (store ??= openStore())(name);
  return (text) =>
    createKeptSecret({
      read: async () =>
        text.startsWith(SECRET_ITSELF) ? text.slice(SECRET_ITSELF.length) : readByName(text),
      parse: withContent,
      isEnough: () => true,
      now,
    });
}

function withContent(text: string): string {
  const content = text.trim();
  if (content === '') throw new TypeError('The secret is empty');
  return content;
}
