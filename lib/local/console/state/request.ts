import * as v from 'valibot';
import type { WebhookLog } from '../../../telemetry/log-lines.ts';
import type { Invocation } from '../../emulator/lambda/invocation.ts';

/** One webhook that came in, and what was answered. Texts are cut off: thousands of them are kept. */
export interface ReceivedWebhook {
  /** The gateway's id of the request. */
  readonly key: string;
  readonly number: number;
  readonly at: number;
  readonly ms: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body's text, up to a limit. */
  readonly body: string;
  readonly bytes: number;
  readonly truncatedCharacters: number;
  readonly isBase64: boolean;
  /** In how far the signature fits, judged on the whole body. */
  readonly signatureStatus: SignatureStatus;
  readonly responseStatus: number;
  readonly responseBody: string;
  /** What receive's journal says; null when it could not say anything any more. */
  readonly entry: WebhookLog | null;
}

/** What a signature fits. */
export type SignatureStatus = 'raw' | 'compact' | 'missing' | 'malformed' | 'mismatch';

const EventSchema = v.object({
  version: v.literal('2.0'),
  rawPath: v.string(),
  headers: v.record(v.string(), v.string()),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
  requestContext: v.object({ requestId: v.string(), timeEpoch: v.number() }),
});
const ResponseSchema = v.object({ statusCode: v.number(), body: v.optional(v.string(), '') });

/** What is kept of a body. */
export const MAX_STORED_CHARACTERS = 65_536;
const MAX_STORED_RESPONSE_CHARACTERS = 4_096;
/** What API Gateway answers for a function that failed. */
const INTERNAL_SERVER_ERROR = { statusCode: 500, body: '{"message":"Internal Server Error"}' };

/**
 * Reads an invocation that came over HTTP; null for any other one.
 * @param checkSignature says what the signature fits
 * @param findLogEntry what the journal has said about the request of that id
 */
export function toReceivedWebhook(
  { event, result, durationMs }: Invocation,
  number: number,
  checkSignature: (body: Buffer, headers: Readonly<Record<string, string>>) => SignatureStatus,
  findLogEntry: (requestId: string) => WebhookLog | null,
): ReceivedWebhook | null {
  const parsed = v.safeParse(EventSchema, event);
  if (!parsed.success) return null;
  const { rawPath, headers, body, isBase64Encoded, requestContext } = parsed.output;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  const text = bytes.toString('utf8');
  const parsedResponse = v.safeParse(
    ResponseSchema,
    result.kind === 'returned' ? result.payload : null,
  );
  const response = parsedResponse.success ? parsedResponse.output : INTERNAL_SERVER_ERROR;
  return {
    key: requestContext.requestId,
    number,
    at: requestContext.timeEpoch,
    ms: durationMs,
    path: rawPath,
    headers,
    body: text.slice(0, MAX_STORED_CHARACTERS),
    bytes: bytes.length,
    truncatedCharacters: Math.max(0, text.length - MAX_STORED_CHARACTERS),
    isBase64: isBase64Encoded,
    signatureStatus: checkSignature(bytes, headers),
    responseStatus: response.statusCode,
    responseBody: response.body.slice(0, MAX_STORED_RESPONSE_CHARACTERS),
    entry: findLogEntry(requestContext.requestId),
  };
}
