import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitsInMessage,
  MAX_MESSAGE_BYTES,
  serializeMessage,
} from '../../lib/platform/sqs-message.ts';

/** The characters that SQS accepts in a message (SendMessage: #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF). */
const ACCEPTED_BY_SQS = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

describe('serializeMessage', () => {
  it('writes any value in characters that SQS accepts, and loses nothing', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(
        fc.dictionary(text, fc.oneof(text, fc.constantFrom('\uFFFE', '\uFFFF\uFFFE', '\uD800'))),
        (value) => {
          const body = serializeMessage(value);
          expect(body).toMatch(ACCEPTED_BY_SQS);
          expect(JSON.parse(body)).toEqual({ ...value });
        },
      ),
    );
  });
});

describe('fitsInMessage', () => {
  it('keeps 16 KiB of the megabyte that SQS accepts for what a retry or a dead letter adds', () => {
    expect(MAX_MESSAGE_BYTES).toBe(1_048_576 - 16_384);
  });

  it('counts bytes, not characters', () => {
    expect(fitsInMessage('x'.repeat(MAX_MESSAGE_BYTES))).toBe(true);
    expect(fitsInMessage('x'.repeat(MAX_MESSAGE_BYTES + 1))).toBe(false);
    expect(fitsInMessage('é'.repeat(MAX_MESSAGE_BYTES / 2 + 1))).toBe(false);
  });
});
