/**
 * Reads a secret by its name, anew every time: whoever reads keeps what was read. Rejects when it cannot
 * be read or is not a text; the error may hold the secret's name, so only its class may be told.
 */
export type FetchSecret = (name: string) => Promise<string>;

/** What a store gave, if it is a text. */
export function requireString(secret: unknown): string {
  if (typeof secret !== 'string') throw new TypeError('The secret is not a text');
  return secret;
}
