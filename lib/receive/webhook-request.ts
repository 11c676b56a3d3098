import type { APIGatewayProxyEventV2 } from 'aws-lambda';

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

/**
 * Reads a webhook from API Gateway's event (HTTP API, payload format 2.0). The gateway passes a body
 * that is not text as base64; the signature is over the bytes.
 */
export function toWebhookRequest(event: APIGatewayProxyEventV2): WebhookRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers.set(name.toLowerCase(), value);
  }
  return {
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    headers,
    mappingName: event.pathParameters?.['mapping'] ?? null,
    sourceIp: event.requestContext?.http?.sourceIp ?? '',
  };
}
