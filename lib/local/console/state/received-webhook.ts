import * as v from 'valibot';
import type { WebhookLog } from '../../../telemetry/log-lines.ts';
import type { Invocation } from '../../emulator/lambda/invocation.ts';

/** One webhook and the response to it. Long texts are truncated, because a thousand webhooks are stored. */
export interface ReceivedWebhook {
  /** The request id of API Gateway. */
  readonly key: string;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The duration of the invocation. */
  readonly ms: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body's text, up to a limit. */
  readonly body: string;
  readonly bytes: number;
  readonly truncatedCharacters: number;
  readonly isBase64: boolean;
  /** The result of the signature check, made on the whole body before it is truncated. */
  readonly signatureStatus: SignatureStatus;
  readonly httpStatus: number;
  /** The log line of receive; null when receive ended before it wrote one. */
  readonly log: WebhookLog | null;
  /** It came to an earlier run of npm start, whose queues and table are gone. */
  readonly isPast: boolean;
}

/** Which form of the body the signature matches, or why it matches none. */
export type SignatureStatus = 'raw' | 'compact' | 'missing' | 'malformed' | 'mismatch';

const HttpEventSchema = v.object({
  version: v.literal('2.0'),
  rawPath: v.string(),
  headers: v.record(v.string(), v.string()),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
  requestContext: v.object({ requestId: v.string(), timeEpoch: v.number() }),
});
const ResponseSchema = v.object({ statusCode: v.number() });

/** The longest body that is stored. */
export const MAX_STORED_CHARACTERS = 65_536;
/** The response of API Gateway when a function fails. */
const INTERNAL_SERVER_ERROR = { statusCode: 500 };

/**
 * Reads the webhook of an invocation by API Gateway; null for any other invocation.
 * @param findLog finds the log line of a request by its id
 */
export function toReceivedWebhook(
  { event, result, durationMs }: Invocation,
  number: number,
  checkSignature: (body: Buffer, headers: Readonly<Record<string, string>>) => SignatureStatus,
  findLog: (requestId: string) => WebhookLog | null,
): ReceivedWebhook | null {
  const parsed = v.safeParse(HttpEventSchema, event);
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
    httpStatus: response.statusCode,
    log: findLog(requestContext.requestId),
    isPast: false,
  };
}
