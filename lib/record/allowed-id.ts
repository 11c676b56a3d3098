import { createHash } from 'node:crypto';

/**
 * Returns an id as a protocol allows it. Voucherify's ids are opaque: one that the protocol does not
 * allow is replaced by its hash (SHA-256 in hex), the same one for every attempt and repetition.
 * @param allowed what the protocol allows; it must allow 64 hexadecimal digits
 */
export function toAllowedId(id: string, allowed: RegExp): string {
  return allowed.test(id) ? id : createHash('sha256').update(id).digest('hex');
}
