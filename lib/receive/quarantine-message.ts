import { isUtf8 } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { fitsInMessage, serializeMessage } from '../platform/sqs-message.ts';
import { IssueSchema } from '../record/record.ts';
import { SIGNATURE_HEADER } from '../voucherify/signature.ts';
import type { InvalidWebhook } from './parse-webhook.ts';
import type { WebhookRequest } from './webhook-request.ts';

/**
 * A genuine webhook that could not be parsed or validated, as it waits in [quarantine] for a person or
 * a newer release. Its signature was verified when it was received.
 */
export const QuarantineMessageSchema = v.object({
  receivedAt: v.string(),
  id: v.string(),
  format: v.nullish(v.string(), null),
  event: v.nullish(v.string(), null),
  /** Without a default: it decides how the body is read. */
  mapping: v.nullable(v.string()),
  issues: v.optional(v.array(IssueSchema), () => []),
  headers: v.optional(v.record(v.string(), v.string()), () => ({})),
  body: v.object({ encoding: v.picklist(['utf8', 'base64', 'gzip+base64']), text: v.string() }),
});
export type QuarantineMessage = v.InferOutput<typeof QuarantineMessageSchema>;
type StoredBody = QuarantineMessage['body'];

/** The headers that help a person. Nothing else is stored: other headers may carry a merchant's tokens. */
const STORED_HEADERS = ['content-type', 'user-agent', SIGNATURE_HEADER];

/**
 * Serialises a webhook for [quarantine], with its body compressed where it is too large otherwise.
 * @returns null when it is too large even so
 */
export function toQuarantineMessage(
  { body, headers, mappingName }: WebhookRequest,
  receivedAt: string,
  { id, format, event, issues }: InvalidWebhook,
): string | null {
  const serialize = (storedBody: StoredBody): string =>
    serializeMessage({
      receivedAt,
      id,
      format,
      event,
      mapping: mappingName,
      issues,
      headers: pickStoredHeaders(headers),
      body: storedBody,
    });
  const plain = serialize(encodeBody(body));
  if (fitsInMessage(plain)) return plain;
  const compressed = serialize(encodeCompressedBody(body));
  return fitsInMessage(compressed) ? compressed : null;
}

function pickStoredHeaders(headers: ReadonlyMap<string, string>): { [name: string]: string } {
  return Object.fromEntries(
    STORED_HEADERS.flatMap((name) => {
      const value = headers.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Stores a body as text where it is text, so that a person can read it; as base64 otherwise. */
export function encodeBody(body: Buffer): StoredBody {
  return isUtf8(body)
    ? { encoding: 'utf8', text: body.toString('utf8') }
    : { encoding: 'base64', text: body.toString('base64') };
}

/** Stores a body that is too large otherwise. */
export function encodeCompressedBody(body: Buffer): StoredBody {
  return { encoding: 'gzip+base64', text: gzipSync(body).toString('base64') };
}

/** Returns the bytes that `encodeBody` or `encodeCompressedBody` stored. */
export function decodeBody(stored: StoredBody): Buffer {
  switch (stored.encoding) {
    case 'utf8':
      return Buffer.from(stored.text, 'utf8');
    case 'base64':
      return Buffer.from(stored.text, 'base64');
    case 'gzip+base64':
      return gunzipSync(Buffer.from(stored.text, 'base64'));
  }
}
