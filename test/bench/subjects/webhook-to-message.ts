import { serializeMessage } from '../../../lib/platform/sqs-message.ts';
import { parseWebhook, timesOnArrival } from '../../../lib/receive/parse-webhook.ts';
import { toSigningKey, verifySignature } from '../../../lib/voucherify/signature.ts';
import type { SignedBody } from '../webhooks.ts';

/** The work of receive on a valid webhook before it calls SQS: verify, parse, validate, normalise, serialise. */
export function prepare({ body, signature, secret }: SignedBody): () => void {
  const bytes = Buffer.from(body);
  const keys = [toSigningKey(secret)];
  const options = { currency: 'EUR', mappings: new Map() };
  const receivedAt = '2026-03-05T09:15:04.000Z';
  return () => {
    if (!verifySignature(bytes, signature, keys).valid)
      throw new Error('The signature does not match');
    const parsed = parseWebhook(bytes, null, timesOnArrival(receivedAt, null), options);
    if (!parsed.ok) throw new Error('The webhook is not valid');
    serializeMessage(parsed.record);
  };
}
