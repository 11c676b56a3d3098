const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Removes the white space between JSON's tokens (RFC 8259, section 2), byte by byte.
 * Strings keep their white space, and no token is rewritten.
 * @param body UTF-8; no byte of a multi-byte character equals white space or a quote
 * @returns the bytes without that white space; the same array when there is none
 */
export function stripJsonWhitespace(body: Uint8Array): Uint8Array {
  const compact = new Uint8Array(body.length);
  let length = 0;
  let insideString = false;
  let escaped = false;
  for (const byte of body) {
    if (insideString) {
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) insideString = false;
    } else if (byte === QUOTE) {
      insideString = true;
    } else if (isWhitespace(byte)) {
      continue;
    }
    compact[length] = byte;
    length += 1;
  }
  return length === body.length ? body : compact.subarray(0, length);
}

/** U+FEFF in UTF-8. JSON allows a parser to ignore it (RFC 8259, section 8.1). */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Removes a byte order mark; returns the same array when there is none. */
export function stripByteOrderMark(body: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.every((byte, index) => body[index] === byte)
    ? body.subarray(BYTE_ORDER_MARK.length)
    : body;
}

function isWhitespace(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}
