import { isUtf8 } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { IssueSchema } from '../record/record.ts';
import { SIGNATURE_HEADER } from '../voucherify/signature.ts';

/**
 * A genuine webhook that was not understood, as it waits in [quarantine] for a person or for a newer
 * release. The signature was judged when it came.
 */
export const QuarantineMessageSchema = v.object({
  receivedAt: v.string(),
  id: v.string(),
  form: v.nullable(v.string()),
  event: v.nullable(v.string()),
  mapping: v.nullable(v.string()),
  issues: v.array(IssueSchema),
  headers: v.record(v.string(), v.string()),
  body: v.object({ encoding: v.picklist(['utf8', 'base64', 'gzip+base64']), text: v.string() }),
});
export type QuarantineMessage = v.InferOutput<typeof QuarantineMessageSchema>;
type StoredBody = QuarantineMessage['body'];

/** Kept for whoever looks at it. Others may carry a merchant's own tokens, so nothing else is. */
const STORED_HEADERS = ['content-type', 'user-agent', SIGNATURE_HEADER];

/** The headers of a webhook that may be stored. */
export function pickStoredHeaders(headers: ReadonlyMap<string, string>): {
  [name: string]: string;
} {
  return Object.fromEntries(
    STORED_HEADERS.flatMap((name) => {
      const value = headers.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A body as text where it is text, so that a person can read it; base64 otherwise. */
export function encodeBody(body: Buffer): StoredBody {
  return isUtf8(body)
    ? { encoding: 'utf8', text: body.toString('utf8') }
    : { encoding: 'base64', text: body.toString('base64') };
}

/** A body too large to be stored as it is. */
export function encodeCompressedBody(body: Buffer): StoredBody {
  return { encoding: 'gzip+base64', text: gzipSync(body).toString('base64') };
}

/** The bytes that `plainBody` or `compressedBody` stored. */
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
