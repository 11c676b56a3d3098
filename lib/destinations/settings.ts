import * as v from 'valibot';
import { OptionalTextSchema } from '../platform/config.ts';
import { signingSecretBytes } from './standard-webhooks.ts';

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost']);
const SIGNING_SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/;
/** What the Standard Webhooks specification asks for. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

/**
 * The address of an HTTP destination, or null when the variable is empty. Codes and names travel to
 * it, so it must be https, except on the developer's own machine.
 */
export const DestinationUrlSchema = v.pipe(
  OptionalTextSchema,
  v.check((text) => text === null || URL.canParse(text), 'is not a URL'),
  v.check((text) => text === null || isPrivate(text), 'does not begin with https://'),
);

/**
 * The secrets that requests are signed with: none, one, or, while one is being replaced, two with a
 * blank between. Each is `whsec_` and base64.
 */
export const SigningSecretsSchema = v.pipe(
  OptionalTextSchema,
  v.transform((text) => (text === null ? [] : text.trim().split(/\s+/))),
  v.check(
    (secrets) => secrets.every(isSigningSecret),
    'is not whsec_ and the base64 of 24 to 64 bytes (two of them with a blank between)',
  ),
);

function isSigningSecret(secret: string): boolean {
  const { length } = signingSecretBytes(secret);
  return SIGNING_SECRET.test(secret) && length >= MIN_SECRET_BYTES && length <= MAX_SECRET_BYTES;
}

function isPrivate(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return true;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname);
}
