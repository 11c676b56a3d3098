import { readdirSync, readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sign, SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';

/** The secret that every sample in events/ is signed with. */
export const LOCAL_SECRET = 'local-secret';

const FOLDER = new URL('../../events/', import.meta.url);

/** A gateway event of events/, with what should become of it. */
export interface Sample extends APIGatewayProxyEventV2 {
  about: string;
  expect: { httpStatus: number; status: string | null; delivered: string[]; duplicateOf?: string };
}

/** The names of all webhook samples, without `.json`. */
export function sampleNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && !file.startsWith('sqs-'))
    .map((file) => file.slice(0, -'.json'.length));
}

/** A fresh copy of one sample, free to be changed. */
export function sample(name: string): Sample {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Sample;
}

/** The body's bytes of a gateway event. */
export function readBody(event: APIGatewayProxyEventV2): Buffer {
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
}

/** The same event with another body, signed with the local secret. */
export function withBody(
  event: APIGatewayProxyEventV2,
  body: Buffer | string,
): APIGatewayProxyEventV2 {
  const bytes = Buffer.from(body);
  return {
    ...event,
    body: bytes.toString('base64'),
    isBase64Encoded: true,
    headers: { ...event.headers, [SIGNATURE_HEADER]: sign(bytes, LOCAL_SECRET) },
  };
}
