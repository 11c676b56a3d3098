import { parseJsonMessage } from '../fan-out/queue-messages.ts';
import { decodeBody, QuarantineMessageSchema } from '../receive/quarantine-message.ts';
import { parseStored } from '../record/parse-stored.ts';

/** A quarantined webhook, as far as it can be compared. */
export interface QuarantinedWebhook {
  /** When it was received (Unix time); NaN when that is not known. */
  readonly receivedAtMs: number;
  /** Each text of its body that can be a code or an id. Secrets are among them. */
  readonly texts: ReadonlySet<string>;
}

/** No code or id is longer. */
const STRING = /"((?:[^"\\]|\\.){1,256})"/g;

/**
 * Lists the texts of a quarantined webhook. Its body may be of any form, and need not be JSON: that may be why it
 * waits there.
 * @returns null when the message or its body is damaged
 */
export function readQuarantined(message: string): QuarantinedWebhook | null {
  const result = parseStored(QuarantineMessageSchema, parseJsonMessage(message));
  if (!result.success) return null;
  try {
    const body = decodeBody(result.output.body).toString('utf8');
    const texts = [...body.matchAll(STRING)].map(([quoted, inner = '']) =>
      inner.includes('\\') ? unescape(quoted, inner) : inner,
    );
    return { receivedAtMs: Date.parse(result.output.receivedAt), texts: new Set(texts) };
  } catch {
    return null;
  }
}

function unescape(quoted: string, inner: string): string {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === 'string' ? text : inner;
  } catch {
    return inner;
  }
}
