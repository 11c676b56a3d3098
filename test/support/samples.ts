import { readdirSync, readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sign, SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';

/** The signing secret of every sample in events/. */
export const LOCAL_SECRET = 'local-secret';

const FOLDER = new URL('../../events/', import.meta.url);

/** An API Gateway event in events/, with its expected result. */
export interface Sample extends APIGatewayProxyEventV2 {
  about: string;
  expect: { httpStatus: number; status: string | null; delivered: string[]; duplicateOf?: string };
}

/** Returns the names of all webhook samples, without `.json`. */
export function sampleNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && !file.startsWith('sqs-'))
    .map((file) => file.slice(0, -'.json'.length));
}

/** Returns a new copy of one sample, which a test may change. */
export function sample(name: string): Sample {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Sample;
}

/** Returns the bytes of an event's body. */
export function readBody(event: APIGatewayProxyEventV2): Buffer {
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
}

/** Returns the event with another body, signed with the local secret. */
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
