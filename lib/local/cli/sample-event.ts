import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sign, SIGNATURE_HEADER } from '../../voucherify/signature.ts';
import { toGatewayEvent } from '../emulator/http/gateway-event.ts';
import { LOCAL_SECRET, WEBHOOK_PATH } from './paths.ts';

/**
 * Creates the API Gateway event of a webhook with this body, signed with the local secret.
 * @param requestId the id that API Gateway gives the request
 * @param at the time of the request
 * @param mapping the mapping whose address it is posted to
 */
export function createSignedEvent(
  requestId: string,
  body: Buffer,
  at: Date,
  mapping: string | null = null,
): APIGatewayProxyEventV2 {
  const path = mapping === null ? WEBHOOK_PATH : `${WEBHOOK_PATH}/${mapping}`;
  const route = mapping === null ? WEBHOOK_PATH : `${WEBHOOK_PATH}/{mapping}`;
  return toGatewayEvent(
    {
      method: 'POST',
      target: path,
      httpVersion: '1.1',
      rawHeaders: [
        'content-type',
        'application/json',
        'host',
        'localhost',
        'user-agent',
        'sample',
        SIGNATURE_HEADER,
        sign(body, LOCAL_SECRET),
      ],
      body,
      sourceIp: '127.0.0.1',
      port: 443,
    },
    {
      functionName: 'receive',
      routeKey: `POST ${route}`,
      pathParameters: mapping === null ? {} : { mapping },
    },
    requestId,
    at,
  );
}

/** Where a sample is posted, and what becomes of it with the project's own files as they are. */
export interface SampleResult {
  readonly mapping: string | null;
  readonly status: 'queued' | 'quarantined';
  readonly delivered: readonly string[];
}

/**
 * Creates a signed event for the folder events/. Its description (`about`) and its expected result
 * (`expect`) are to be edited by hand.
 */
export function createSampleEvent(
  name: string,
  body: Buffer,
  at: Date,
  { mapping, status, delivered }: SampleResult,
): object {
  return {
    about: 'Say here what this webhook shows.',
    expect: { httpStatus: 202, status, delivered },
    ...createSignedEvent(`sample-${name}`, body, at, mapping),
  };
}
