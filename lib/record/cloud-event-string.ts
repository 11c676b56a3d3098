import { createHash } from 'node:crypto';

/** Control characters, and code points that are no characters (CloudEvents 1.0, type system, String). */
const FORBIDDEN = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

/** Says whether a text can be the value of a context attribute: a String of CloudEvents 1.0. */
export function isCloudEventString(text: string): boolean {
  return text.isWellFormed() && !FORBIDDEN.test(text);
}

/**
 * Returns an id as a context attribute: itself, or `hash_` and its SHA-256 where CloudEvents forbids one
 * of its characters. A hash keeps two ids apart, which a replacement of characters would not. Over
 * UTF-16, which can write half of a surrogate pair.
 */
export function toCloudEventId(id: string): string {
  if (isCloudEventString(id)) return id;
  return `hash_${createHash('sha256').update(id, 'utf16le').digest('hex')}`;
}
