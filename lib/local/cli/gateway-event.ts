import * as v from 'valibot';

/** An event of API Gateway (payload 2.0) in a file, as far as a tool needs it. */
export const GatewayEventSchema = v.object({
  version: v.literal('2.0'),
  rawPath: v.string(),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});
export type GatewayEventFile = v.InferOutput<typeof GatewayEventSchema>;

/** An event of SQS in a file. */
export const SqsEventSchema = v.object({ Records: v.array(v.unknown()) });

/** The bytes of an event's body. */
export function decodeEventBody(event: GatewayEventFile): Buffer {
  return Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
}

/** The headers that belong to the webhook, without those that belong to one transmission of it. */
export function pickWebhookHeaders(event: GatewayEventFile): Record<string, string> {
  const entries = Object.entries(event.headers).filter(
    ([name]) =>
      !/^(?:host|content-length|connection|transfer-encoding|x-forwarded-.*)$/i.test(name),
  );
  return Object.fromEntries(entries);
}
