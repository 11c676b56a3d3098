import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { stripJsonWhitespace } from './json-whitespace.ts';

/** The header that carries the signature on every webhook (vendor facts, section 1). */
export const SIGNATURE_HEADER = 'x-voucherify-signature';

/** A secret of Project settings > Webhooks, ready for hashing. */
export type SigningKey = KeyObject;

/** Which bytes were signed: those on the wire, or those without the JSON's white space. */
export type SignedVariant = 'raw' | 'compact';

export type VerificationResult =
  | { readonly valid: true; readonly variant: SignedVariant }
  | { readonly valid: false; readonly reason: 'missing' | 'malformed' | 'mismatch' };

const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** Prepares a secret once, so that hashing a webhook does not prepare it again. */
export function toSigningKey(secret: string): SigningKey {
  return createSecretKey(secret, 'utf8');
}

/** The lower-case hex HMAC-SHA256 of a body, as the sender writes it into its header. */
export function sign(body: Uint8Array | string, key: SigningKey | string): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

/**
 * Says whether a body is Voucherify's, without a hint at how wrong a signature was.
 *
 * The sender signs the compact serialisation, but whether the bytes on the wire are compact is not
 * documented: so first the raw bytes are tried, then, only if that changes a byte, the bytes without
 * JSON white space (vendor facts, section 1). Nothing is ever parsed and written again, which would
 * change numbers, key order and escapes.
 * @param body the bytes as they came
 * @param header the signature header's text, if there was one; hex digits in either case
 * @param keys every secret that is valid now: two of them during a rotation, none refuses everything
 */
export function verifySignature(
  body: Uint8Array,
  header: string | undefined,
  keys: readonly SigningKey[],
): VerificationResult {
  const signature = header?.trim().toLowerCase();
  if (signature === undefined || signature === '') return { valid: false, reason: 'missing' };
  if (!HEX_SHA256.test(signature)) return { valid: false, reason: 'malformed' };
  const claimed = toHexBytes(signature);
  if (matchesAnyKey(body, claimed, keys)) return { valid: true, variant: 'raw' };
  const compact = stripJsonWhitespace(body);
  if (compact.length < body.length && matchesAnyKey(compact, claimed, keys)) {
    return { valid: true, variant: 'compact' };
  }
  return { valid: false, reason: 'mismatch' };
}

function matchesAnyKey(
  body: Uint8Array,
  claimed: Uint8Array,
  keys: readonly SigningKey[],
): boolean {
  return keys.some((key) => timingSafeEqual(toHexBytes(sign(body, key)), claimed));
}

/** Digits share a pool of memory, while the bytes of a digest would be allocated by themselves each time. */
function toHexBytes(signature: string): Uint8Array {
  return Buffer.from(signature, 'latin1');
}
