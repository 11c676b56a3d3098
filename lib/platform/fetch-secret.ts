/**
 * Reads a secret by its name, at every call: the caller caches it. Rejects when the secret cannot be
 * read within SECRET_DEADLINE_MS (aws-timeouts.ts) or is not a text. The error's message may hold the secret's name, so log only its class
 * (lib/error-name.ts).
 */
export type FetchSecret = (name: string) => Promise<string>;

/** Returns what a store sent if it is a text; throws a TypeError otherwise. */
export function requireString(secret: unknown): string {
  if (typeof secret !== 'string') throw new TypeError('The secret is not a text');
  return secret;
}
