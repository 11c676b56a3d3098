import * as v from 'valibot';
import type { WebhookEntry } from '../../../telemetry/telemetry.ts';
import type { Invocation } from '../../emulator/lambda/invocation.ts';

/** One webhook that came in, and what was answered. Texts are cut off: thousands of them are kept. */
export interface Call {
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
  readonly cutOff: number;
  readonly base64: boolean;
  /** In how far the signature fits, judged on the whole body. */
  readonly signed: Signed;
  readonly answer: number;
  readonly answerBody: string;
  /** What receive's journal says; null when it could not say anything any more. */
  readonly entry: WebhookEntry | null;
}

/** What a signature fits. */
export type Signed = 'raw' | 'compact' | 'missing' | 'malformed' | 'mismatch';

const EventSchema = v.object({
  version: v.literal('2.0'),
  rawPath: v.string(),
  headers: v.record(v.string(), v.string()),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
  requestContext: v.object({ requestId: v.string(), timeEpoch: v.number() }),
});
const AnswerSchema = v.object({ statusCode: v.number(), body: v.optional(v.string(), '') });

/** What is kept of a body. */
export const KEPT_CHARACTERS = 65_536;
const KEPT_OF_ANSWER = 4_096;
/** What API Gateway answers for a function that failed. */
const FAILED = { statusCode: 500, body: '{"message":"Internal Server Error"}' };

/**
 * Reads an invocation that came over HTTP; null for any other one.
 * @param judge says what the signature fits
 * @param entryOf what the journal has said about the request of that id
 */
export function callOf(
  { event, outcome, durationMs }: Invocation,
  number: number,
  judge: (body: Buffer, headers: Readonly<Record<string, string>>) => Signed,
  entryOf: (requestId: string) => WebhookEntry | null,
): Call | null {
  const parsed = v.safeParse(EventSchema, event);
  if (!parsed.success) return null;
  const { rawPath, headers, body, isBase64Encoded, requestContext } = parsed.output;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  const text = bytes.toString('utf8');
  const returned = v.safeParse(AnswerSchema, outcome.kind === 'returned' ? outcome.payload : null);
  const answer = returned.success ? returned.output : FAILED;
  return {
    key: requestContext.requestId,
    number,
    at: requestContext.timeEpoch,
    ms: durationMs,
    path: rawPath,
    headers,
    body: text.slice(0, KEPT_CHARACTERS),
    bytes: bytes.length,
    cutOff: Math.max(0, text.length - KEPT_CHARACTERS),
    base64: isBase64Encoded,
    signed: judge(bytes, headers),
    answer: answer.statusCode,
    answerBody: answer.body.slice(0, KEPT_OF_ANSWER),
    entry: entryOf(requestContext.requestId),
  };
}
