import * as v from 'valibot';
import type { InvocationResult } from '../lambda/invocation.ts';

/** An HTTP response to send. A header with several values is sent several times. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

const ResponseSchema = v.object({
  statusCode: v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599)),
  headers: v.nullish(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  cookies: v.nullish(v.array(v.string()), []),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.nullish(v.boolean(), false),
});
const WithStatusSchema = v.looseObject({ statusCode: v.unknown() });
const JSON_TYPE = { 'content-type': 'application/json' };

/** Creates an error response of API Gateway itself. */
export function createErrorResponse(status: number, message: string): WireResponse {
  return { status, headers: JSON_TYPE, body: Buffer.from(JSON.stringify({ message })) };
}

/**
 * Converts the result of an invocation to the response of an HTTP API (payload format 2.0): the
 * function's response; 200 with the returned value when it has no `statusCode`; 500 when the function
 * failed or its response is not valid.
 */
export function toWireResponse(result: InvocationResult): WireResponse {
  const failure = createErrorResponse(500, 'Internal Server Error');
  if (result.kind !== 'returned') return failure;
  const { payload } = result;
  if (!v.is(WithStatusSchema, payload)) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return { status: 200, headers: JSON_TYPE, body: Buffer.from(text) };
  }
  const response = v.safeParse(ResponseSchema, payload);
  if (!response.success) return failure;
  const { statusCode, headers, cookies, body, isBase64Encoded } = response.output;
  const headerStrings = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  return {
    status: statusCode,
    headers: {
      ...JSON_TYPE,
      ...Object.fromEntries(headerStrings),
      ...(cookies.length > 0 && { 'set-cookie': cookies }),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}
