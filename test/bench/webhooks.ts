import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sign } from '../../lib/voucherify/signature.ts';
import { LOCAL_SECRET, sample, withBody } from '../support/samples.ts';

/** A webhook's body as a subject gets it. */
export interface SignedBody {
  readonly body: string;
  readonly signature: string;
  readonly secret: string;
}

/** The webhook of the bench: a distribution that sends a code, 2.8 KB, with parts that end in `rest`. */
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

/** The same webhook with a signature that is none of ours. */
export function forgedEvent(): APIGatewayProxyEventV2 {
  const event = sample(SAMPLE_NAME);
  return { ...event, headers: { ...event.headers, 'x-voucherify-signature': 'a'.repeat(64) } };
}

/** The bench's body with so many keys in the metadata of its voucher. */
export function bodyWithMetadata(keys: number): string {
  const payload = JSON.parse(benchBody()) as { data: { voucher: { metadata: object } } };
  payload.data.voucher.metadata = Object.fromEntries(
    Array.from({ length: keys }, (_, n) => [`key_${n}`, `value ${n}`]),
  );
  return JSON.stringify(payload);
}

/** A gateway event with another body, signed. */
export function eventWith(body: string): APIGatewayProxyEventV2 {
  return withBody(genuineEvent(), body);
}
