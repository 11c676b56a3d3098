/** The largest message that SQS takes, its attributes included. */
const SQS_MAX_MESSAGE_BYTES = 1_048_576;
/** Kept free for what a retry or a dead letter adds around a record. */
const WRAPPER_HEADROOM_BYTES = 16_384;

/** The largest message that receive writes, so that a later wrapper still fits. */
export const MAX_MESSAGE_BYTES = SQS_MAX_MESSAGE_BYTES - WRAPPER_HEADROOM_BYTES;

/** The characters that JSON leaves as they are and that SQS refuses (SendMessage, valid characters). */
const SQS_FORBIDDEN_CHARACTERS = ['\uFFFE', '\uFFFF'] as const;

/**
 * Serialises a value as the body of a queue message. All other characters that SQS refuses are
 * escaped by JSON.stringify already.
 * @returns JSON text that SQS accepts, equal to the value when parsed
 */
export function serializeMessage(value: unknown): string {
  let text = JSON.stringify(value);
  for (const character of SQS_FORBIDDEN_CHARACTERS) {
    // nearly never there, and looked for in every message
    if (text.includes(character)) {
      text = text.replaceAll(character, `\\u${character.charCodeAt(0).toString(16)}`);
    }
  }
  return text;
}

/** Says whether a message body leaves the room that a wrapper needs. */
export function fitsInMessage(body: string): boolean {
  return Buffer.byteLength(body) <= MAX_MESSAGE_BYTES;
}
