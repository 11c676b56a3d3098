import type { KeyObject } from 'node:crypto';
import { validateHeaderValue } from 'node:http';
import { parseSecretText, type Secret } from './secret.ts';
import { isSigningSecret, toSigningKey } from './standard-webhooks.ts';

/** The secrets of an HTTP destination. */
export interface HttpSecretSources {
  /** The receiver's key, passed to `headers` and `request`. Read again when the receiver rejects it. */
  readonly secret?: Secret;
  /** `whsec_...`, or several separated by spaces: requests are signed with each. Not signed when null. */
  readonly signingSecrets?: Secret | null;
}

/** The keys for one request, read from these secrets. */
export interface HttpSecrets {
  /** The value of `secret`; empty without one. */
  readonly secret: string;
  /** The request gets one signature for each of these keys. */
  readonly signingKeys: readonly KeyObject[];
}

const NO_SECRET: Secret = async () => '';

/**
 * Creates a function that reads the keys of a destination. It resolves to the same object as long as the
 * secrets have not changed, and rejects when a secret cannot be read, is malformed, or is not valid for
 * signing.
 */
export function createHttpSecrets(
  sources: HttpSecretSources,
): (freshness?: 'newest') => Promise<HttpSecrets> {
  const readSecret = sources.secret ?? NO_SECRET;
  const readSigningSecrets = sources.signingSecrets ?? NO_SECRET;
  const parseSecret = sources.secret === undefined ? (text: string) => text : parseSecretText;
  let cached: {
    readonly text: string | null;
    readonly signingText: string;
    readonly secrets: HttpSecrets;
  } = { text: null, signingText: '', secrets: { secret: '', signingKeys: [] } };
  return async (freshness) => {
    const [text, signingText] = await Promise.all([
      readSecret(freshness),
      readSigningSecrets(freshness),
    ]);
    if (text !== cached.text || signingText !== cached.signingText) {
      const secrets = { secret: parseSecret(text), signingKeys: parseSigningKeys(signingText) };
      cached = { text, signingText, secrets };
    }
    return cached.secrets;
  };
}

function parseSigningKeys(text: string): readonly KeyObject[] {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '');
  if (!secrets.every(isSigningSecret)) {
    throw new TypeError('A signing secret is not whsec_ and the base64 of 24 to 64 bytes');
  }
  return secrets.map(toSigningKey);
}

/** Says whether a text can be the value of a header (RFC 9110, section 5.5). */
export function isHeaderValue(text: string): boolean {
  try {
    validateHeaderValue('x-secret', text);
    return true;
  } catch {
    return false;
  }
}
