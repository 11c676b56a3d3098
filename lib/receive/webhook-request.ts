import * as v from 'valibot';

/** One webhook as it was received. */
export interface WebhookRequest {
  /** The bytes that were signed. */
  readonly body: Buffer;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The last part of the path, when the address names a mapping of functions/mappings.ts. */
  readonly mappingName: string | null;
  /** The IP address that called the gateway; empty in an event that has none. */
  readonly sourceIp: string;
}

/** The path of a mapping's address, as in serverless.yml. A function URL has no route, so no parameter of it. */
const MAPPING_PATH = /^\/webhooks\/voucherify\/([^/]+)$/;

const TextsSchema = v.record(v.string(), v.optional(v.string()));
/**
 * What receive reads of an event of payload format 2.0, which only HTTP APIs and function URLs send. A
 * REST API, an HTTP API with payload format 1.0 and an ALB send other forms: headers with several
 * values, the address in `identity`, no version.
 */
const GatewayEventSchema = v.object({
  version: v.literal('2.0'),
  headers: v.nullish(TextsSchema, {}),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.nullish(v.boolean(), false),
  pathParameters: v.nullish(TextsSchema, {}),
  rawPath: v.nullish(v.string(), ''),
  requestContext: v.object({ http: v.object({ sourceIp: v.nullish(v.string(), '') }) }),
});

/**
 * Reads a webhook from the event of an API Gateway HTTP API or a Lambda function URL (payload format
 * 2.0). Both pass a body that is not text as base64; the signature is over the bytes.
 * @returns null for the event of anything else in front of the function
 */
export function toWebhookRequest(event: unknown): WebhookRequest | null {
  const parsed = v.safeParse(GatewayEventSchema, event);
  if (!parsed.success) return null;
  const { body, isBase64Encoded, pathParameters, rawPath, requestContext } = parsed.output;
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed.output.headers)) {
    if (value !== undefined) headers.set(name.toLowerCase(), value);
  }
  return {
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    headers,
    mappingName: pathParameters['mapping'] ?? MAPPING_PATH.exec(rawPath)?.[1] ?? null,
    sourceIp: requestContext.http.sourceIp,
  };
}
