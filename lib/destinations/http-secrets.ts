import type { KeyObject } from 'node:crypto';
import type { Secret } from './secret.ts';
import { isSigningSecret, toSigningKey } from './standard-webhooks.ts';

/** Where the keys of an HTTP destination come from. */
export interface HttpSecretSources {
  readonly secret?: Secret;
  readonly signingSecrets?: Secret | null;
}

/** The keys for one request. */
export interface HttpSecrets {
  /** The text of `secret`; empty without one. */
  readonly secret: string;
  /** The keys to sign with, all at once. */
  readonly signingKeys: readonly KeyObject[];
}

const NO_SECRET: Secret = async () => '';

/**
 * Reads the keys of a destination.
 * @returns a function that gives the same object as long as the secrets are the same, and rejects when
 * one cannot be read or is not fit for signing
 */
export function createHttpSecrets(
  sources: HttpSecretSources,
): (freshness?: 'newest') => Promise<HttpSecrets> {
  const { secret: readSecret = NO_SECRET } = sources;
  const readSigningSecrets = sources.signingSecrets ?? NO_SECRET;
  let cached: { readonly signingText: string; readonly secrets: HttpSecrets } = {
    signingText: '',
    secrets: { secret: '', signingKeys: [] },
  };
  return async (freshness) => {
    const [secret, signingText] = await Promise.all([
      readSecret(freshness),
      readSigningSecrets(freshness),
    ]);
    if (secret !== cached.secrets.secret || signingText !== cached.signingText) {
      cached = { signingText, secrets: { secret, signingKeys: parseSigningKeys(signingText) } };
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
