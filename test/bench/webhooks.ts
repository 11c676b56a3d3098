import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sign } from '../../lib/voucherify/signature.ts';
import { serializeMessage } from '../../lib/platform/sqs-message.ts';
import { parseWebhook, timesOnArrival } from '../../lib/receive/parse-webhook.ts';
import { LOCAL_SECRET, sample } from '../support/samples.ts';

/** A webhook's body and its signature. */
export interface SignedBody {
  readonly body: string;
  readonly signature: string;
  readonly secret: string;
}

/** A distribution that sends a code, 2.8 KB, with fields that end up in the record's `unmapped`. */
const SAMPLE_NAME = 'code-percent-discount';

/** A body with the signature that belongs to it. */
export function signBody(body: string): SignedBody {
  return { body, signature: sign(body, LOCAL_SECRET), secret: LOCAL_SECRET };
}

/** The body of the bench's webhook. */
export function benchBody(): string {
  return sample(SAMPLE_NAME).body ?? '';
}

/** The gateway's event of the bench's webhook. */
export function genuineEvent(): APIGatewayProxyEventV2 {
  return sample(SAMPLE_NAME);
}

/** The same webhook with a signature that no key of ours makes. */
export function forgedEvent(): APIGatewayProxyEventV2 {
  const event = sample(SAMPLE_NAME);
  return { ...event, headers: { ...event.headers, 'x-voucherify-signature': 'a'.repeat(64) } };
}

/** The bench's body with that many keys in the metadata of its voucher. */
export function bodyWithMetadata(keys: number): string {
  const payload = JSON.parse(benchBody()) as { data: { voucher: { metadata: object } } };
  payload.data.voucher.metadata = Object.fromEntries(
    Array.from({ length: keys }, (_, n) => [`key_${n}`, `value ${n}`]),
  );
  return JSON.stringify(payload);
}

/** What the floors send: the message that receive makes of the bench's webhook. */
export interface MessageEvent {
  readonly message: string;
}

/** The event of the floors, with the message that receive makes of the bench's webhook. */
export function messageEvent(): MessageEvent {
  const options = { currency: 'EUR', mappings: new Map() };
  const times = timesOnArrival('2026-03-05T09:15:04.000Z', null);
  const parsed = parseWebhook(Buffer.from(benchBody()), null, times, options);
  if (!parsed.ok) throw new Error("The bench's webhook is not valid");
  return { message: serializeMessage(parsed.record) };
}
