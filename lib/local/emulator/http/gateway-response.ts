import * as v from 'valibot';
import type { InvocationResult } from '../lambda/invocation.ts';

/** What goes back over the wire. A header of several values is sent several times. */
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

/** An answer that API Gateway gives by itself. */
export function createErrorResponse(status: number, message: string): WireResponse {
  return { status, headers: JSON_TYPE, body: Buffer.from(JSON.stringify({ message })) };
}

/**
 * What an HTTP API answers for what a function did (payload 2.0): its answer, or 200 with what it
 * returned when that has no status, or 500 when it failed or its answer cannot be used.
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
