/** The largest message that SQS accepts, its attributes included. */
const SQS_MAX_MESSAGE_BYTES = 1_048_576;
/** Room for what a retry message or a dead letter adds around a record. */
const WRAPPER_HEADROOM_BYTES = 16_384;

/** The largest message that the function receive sends, so that a later wrapper still fits. */
export const MAX_MESSAGE_BYTES = SQS_MAX_MESSAGE_BYTES - WRAPPER_HEADROOM_BYTES;

/** The characters that SQS rejects and JSON.stringify does not escape (API reference of SendMessage). */
const SQS_FORBIDDEN_CHARACTERS = ['\uFFFE', '\uFFFF'] as const;

/**
 * Serialises a value as the body of a queue message. JSON.stringify already escapes all other characters
 * that SQS rejects.
 * @returns JSON text that SQS accepts and that parses to the same value
 */
export function serializeMessage(value: unknown): string {
  let text = JSON.stringify(value);
  for (const character of SQS_FORBIDDEN_CHARACTERS) {
    // `includes` is cheap, and these characters almost never occur
    if (text.includes(character)) {
      text = text.replaceAll(character, `\\u${character.charCodeAt(0).toString(16)}`);
    }
  }
  return text;
}

/** Says whether a message body is at most MAX_MESSAGE_BYTES long in UTF-8. */
export function fitsInMessage(body: string): boolean {
  return Buffer.byteLength(body) <= MAX_MESSAGE_BYTES;
}
