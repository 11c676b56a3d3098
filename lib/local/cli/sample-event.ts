import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sign, SIGNATURE_HEADER } from '../../voucherify/signature.ts';
import { toGatewayEvent } from '../emulator/http/gateway-event.ts';
import { LOCAL_SECRET, WEBHOOK_PATH } from './paths.ts';

/**
 * Creates the API Gateway event of a webhook with this body, signed with the local secret.
 * @param requestId the id that API Gateway gives the request
 * @param at the time of the request
 */
export function createSignedEvent(
  requestId: string,
  body: Buffer,
  at: Date,
): APIGatewayProxyEventV2 {
  return toGatewayEvent(
    {
      method: 'POST',
      target: WEBHOOK_PATH,
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
    { functionName: 'receive', routeKey: `POST ${WEBHOOK_PATH}`, pathParameters: {} },
    requestId,
    at,
  );
}

/**
 * Creates a signed event for the folder events/. Its description (`about`) and its expected result
 * (`expect`) are to be edited by hand.
 */
export function createSampleEvent(name: string, body: Buffer, at: Date): object {
  return {
    about: 'Say here what this webhook shows.',
    expect: { httpStatus: 202, status: 'queued', delivered: ['consumers', 'http'] },
    ...createSignedEvent(`sample-${name}`, body, at),
  };
}
