import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, test } from 'vitest';
import {
  toGatewayEvent,
  type WireRequest,
} from '../../../../lib/local/emulator/http/gateway-event.ts';

const route = {
  functionName: 'front',
  routeKey: 'POST /letters/{kind}',
  pathParameters: { kind: 'a b' },
};

function createEvent(changes: Partial<WireRequest> = {}): APIGatewayProxyEventV2 {
  const request: WireRequest = {
    method: 'POST',
    target: '/letters/a%20b?x=1&y=%C3%BC&x=2',
    httpVersion: '1.1',
    rawHeaders: ['Host', 'localhost:3000', 'Content-Type', 'application/json', 'X-Sign', 'AbC'],
    body: Buffer.from('{"ü":1}'),
    sourceIp: '127.0.0.1',
    port: 3_000,
    ...changes,
  };
  return toGatewayEvent(request, route, 'request-1', new Date('2026-03-05T09:05:03.480Z'));
}

test('an event has the payload format 2.0', () => {
  expect(createEvent()).toEqual({
    version: '2.0',
    routeKey: 'POST /letters/{kind}',
    rawPath: '/letters/a%20b',
    rawQueryString: 'x=1&y=%C3%BC&x=2',
    headers: {
      host: 'localhost:3000',
      'content-type': 'application/json',
      'x-sign': 'AbC',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': '3000',
      'x-forwarded-proto': 'http',
    },
    queryStringParameters: { x: '1,2', y: 'ü' },
    pathParameters: { kind: 'a b' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: 'localhost:3000',
      domainPrefix: 'localhost',
      http: {
        method: 'POST',
        path: '/letters/a%20b',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: '',
      },
      requestId: 'request-1',
      routeKey: 'POST /letters/{kind}',
      stage: '$default',
      time: '05/Mar/2026:09:05:03 +0000',
      timeEpoch: 1_772_701_503_480,
    },
    body: '{"ü":1}',
    isBase64Encoded: false,
  });
});

test('repeated headers are joined, and cookies are in a list of their own', () => {
  const { headers, cookies } = createEvent({
    rawHeaders: [
      'X-A',
      '1',
      'cookie',
      'a=1; b=2',
      'x-a',
      '2',
      'Cookie',
      'c=3',
      'X-Forwarded-For',
      '10.0.0.1',
    ],
  });
  expect(headers).toMatchObject({ 'x-a': '1,2', 'x-forwarded-for': '10.0.0.1, 127.0.0.1' });
  expect(headers).not.toHaveProperty('cookie');
  expect(cookies).toEqual(['a=1', 'b=2', 'c=3']);
});

test('keys without a value are left out', () => {
  const event = createEvent({ target: '/letters/a', body: Buffer.alloc(0) });
  expect(event).not.toHaveProperty('queryStringParameters');
  expect(event).not.toHaveProperty('cookies');
  expect(event).not.toHaveProperty('body');
  expect(event.isBase64Encoded).toBe(false);
});

test.each([
  ['application/json', false],
  ['application/json; charset=utf-8', false],
  ['Text/Plain', false],
  ['application/xml', false],
  ['application/octet-stream', true],
  ['application/x-www-form-urlencoded', true],
  ['image/png', true],
])('a body of the type %s is base64: %s', (type, isBinary) => {
  const event = createEvent({ rawHeaders: ['content-type', type], body: Buffer.from('ü') });
  expect([event.body, event.isBase64Encoded]).toEqual(isBinary ? ['w7w=', true] : ['ü', false]);
});

test('a compressed body is base64, whatever its type', () => {
  const rawHeaders = ['content-type', 'application/json', 'content-encoding', 'gzip'];
  expect(createEvent({ rawHeaders }).isBase64Encoded).toBe(true);
});
