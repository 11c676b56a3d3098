import * as v from 'valibot';

/** The part of an API Gateway event (payload format 2.0) in a file that the commands need. */
export const GatewayEventSchema = v.object({
  version: v.literal('2.0'),
  rawPath: v.string(),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});
export type GatewayEventFile = v.InferOutput<typeof GatewayEventSchema>;

/** An SQS event in a file. */
export const SqsEventSchema = v.object({ Records: v.array(v.unknown()) });

/** Returns the bytes of an event's body. */
export function decodeEventBody(event: GatewayEventFile): Buffer {
  return Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
}

/** Returns the headers of the webhook, without those of its transmission (host, content-length, ...). */
export function pickWebhookHeaders(event: GatewayEventFile): Record<string, string> {
  const entries = Object.entries(event.headers).filter(
    ([name]) =>
      !/^(?:host|content-length|connection|transfer-encoding|x-forwarded-.*)$/i.test(name),
  );
  return Object.fromEntries(entries);
}
