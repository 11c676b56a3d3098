import type { KeyObject } from 'node:crypto';
import type { Secret } from './secret.ts';
import { isSigningSecret, signingKey } from './standard-webhooks.ts';

/** Where the keys of an HTTP destination come from. */
export interface HttpKeySources {
  readonly secret?: Secret;
  readonly signingSecrets?: Secret | null;
}

/** The keys for one request. */
export interface HttpKeys {
  /** The text of `secret`; empty without one. */
  readonly secret: string;
  /** The keys to sign with, all at once. */
  readonly signing: readonly KeyObject[];
}

const NO_SECRET: Secret = async () => '';

/**
 * Reads the keys of a destination.
 * @returns a function that gives the same object as long as the secrets are the same, and rejects when
 * one cannot be read or is not fit for signing
 */
export function createHttpKeys(sources: HttpKeySources): (wanted?: 'newest') => Promise<HttpKeys> {
  const { secret: readSecret = NO_SECRET } = sources;
  const readSigning = sources.signingSecrets ?? NO_SECRET;
  let known: { readonly signingText: string; readonly keys: HttpKeys } = {
    signingText: '',
    keys: { secret: '', signing: [] },
  };
  return async (wanted) => {
    const [secret, signingText] = await Promise.all([readSecret(wanted), readSigning(wanted)]);
    if (secret !== known.keys.secret || signingText !== known.signingText) {
      known = { signingText, keys: { secret, signing: signingKeysIn(signingText) } };
    }
    return known.keys;
  };
}

function signingKeysIn(text: string): readonly KeyObject[] {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '');
  if (!secrets.every(isSigningSecret)) {
    throw new TypeError('A signing secret is not whsec_ and the base64 of 24 to 64 bytes');
  }
  return secrets.map(signingKey);
}
