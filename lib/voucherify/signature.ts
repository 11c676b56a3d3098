import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { stripByteOrderMark, stripJsonWhitespace } from './json-whitespace.ts';

/** The header that carries the signature on every webhook (vendor facts, section 1). */
export const SIGNATURE_HEADER = 'x-voucherify-signature';

/** A secret from Project settings > Webhooks, prepared for hashing. */
export type SigningKey = KeyObject;

/** Which bytes were signed: the body as received (or without its byte order mark), or without JSON white space. */
export type SignedVariant = 'raw' | 'compact';

/** Whether a signature is valid, and over which bytes; or why it is not. */
export type VerificationResult =
  | { readonly valid: true; readonly variant: SignedVariant }
  | { readonly valid: false; readonly reason: 'missing' | 'malformed' | 'mismatch' };

const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** Prepares a secret for hashing. Done once, it makes each signature faster. */
export function toSigningKey(secret: string): SigningKey {
  return createSecretKey(secret, 'utf8');
}

/** Returns the HMAC-SHA256 of a body in lower-case hex, as in Voucherify's header (vendor facts, section 1). */
export function sign(body: Uint8Array | string, key: SigningKey | string): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

/**
 * Verifies the signature of a body, in constant time.
 *
 * Voucherify signs the compact serialisation, but does not document whether the bytes that it sends
 * are compact (vendor facts, section 1). So the raw bytes are tried first, then the bytes without a
 * byte order mark, and then also without JSON white space, each if it differs. The body is not parsed
 * and serialised for this, because that would change numbers, key order and escapes.
 * @param body the bytes as received
 * @param header the signature header, in hex of either case, perhaps sent more than once; undefined when
 *   it is missing
 * @param keys every secret that is valid now: two during a rotation; with none, every signature fails
 */
export function verifySignature(
  body: Uint8Array,
  header: string | undefined,
  keys: readonly SigningKey[],
): VerificationResult {
  const signature = toSingleValue(header ?? '').toLowerCase();
  if (signature === '') return { valid: false, reason: 'missing' };
  if (!HEX_SHA256.test(signature)) return { valid: false, reason: 'malformed' };
  const received = toHexBytes(signature);
  if (matchesAnyKey(body, received, keys)) return { valid: true, variant: 'raw' };
  const unmarked = stripByteOrderMark(body);
  if (unmarked !== body && matchesAnyKey(unmarked, received, keys)) {
    return { valid: true, variant: 'raw' };
  }
  const compact = stripJsonWhitespace(unmarked);
  if (compact !== unmarked && matchesAnyKey(compact, received, keys)) {
    return { valid: true, variant: 'compact' };
  }
  return { valid: false, reason: 'mismatch' };
}

/** A header that was sent twice arrives as `a,a` (RFC 9110, section 5.3). Equal values count as one. */
function toSingleValue(header: string): string {
  const [first = '', ...others] = header.split(',').map((value) => value.trim());
  return others.every((value) => value === first) ? first : header;
}

function matchesAnyKey(
  body: Uint8Array,
  received: Uint8Array,
  keys: readonly SigningKey[],
): boolean {
  return keys.some((key) => timingSafeEqual(toHexBytes(sign(body, key)), received));
}

/** Compares hex digits, not the digest's bytes, for speed: small buffers come from a pool of memory. */
function toHexBytes(signature: string): Uint8Array {
  return Buffer.from(signature, 'latin1');
}
