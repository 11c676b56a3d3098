import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { LOCAL_ACCOUNT } from '../local-addresses.ts';
import type { RouteMatch } from './routes.ts';

/** An HTTP request as it was received. */
export interface WireRequest {
  readonly method: string;
  /** Path and query string, as sent. */
  readonly target: string;
  readonly httpVersion: string;
  /** Names and values alternate, in the order in which they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly port: number;
}

/** The content types whose bodies API Gateway passes on as text; all others become base64. */
const TEXT_TYPE = /^(?:text\/.*|application\/(?:json|xml|javascript))$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Converts a request to the event of an HTTP API (payload format 2.0): header names in lower case,
 * repeated headers and query parameters joined by commas, cookies in a list, a binary body in base64.
 * @param receivedAt when the request arrived
 */
export function toGatewayEvent(
  request: WireRequest,
  route: RouteMatch,
  requestId: string,
  receivedAt: Date,
): APIGatewayProxyEventV2 {
  const [rawPath = '/', ...query] = request.target.split('?');
  const rawQueryString = query.join('?');
  const { headers, cookies } = joinHeaders(request.rawHeaders);
  const host = headers['host'] ?? 'localhost';
  const isBinaryBody = isBinary(headers);
  const parameters = joinPairs([...new URLSearchParams(rawQueryString)]);
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: {
      ...headers,
      'x-forwarded-for': [headers['x-forwarded-for'], request.sourceIp].filter(Boolean).join(', '),
      'x-forwarded-port': String(request.port),
      'x-forwarded-proto': 'http',
    },
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    ...(Object.keys(route.pathParameters).length > 0 && { pathParameters: route.pathParameters }),
    requestContext: {
      accountId: LOCAL_ACCOUNT,
      apiId: 'local',
      domainName: host,
      domainPrefix: host.split(/[.:]/)[0] ?? host,
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: route.routeKey,
      stage: '$default',
      time: formatLogTime(receivedAt),
      timeEpoch: receivedAt.getTime(),
    },
    ...(request.body.length > 0 && {
      body: request.body.toString(isBinaryBody ? 'base64' : 'utf8'),
    }),
    isBase64Encoded: isBinaryBody && request.body.length > 0,
  };
}

function joinHeaders(rawHeaders: readonly string[]): {
  headers: Record<string, string>;
  cookies: string[];
} {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  const cookies = pairs
    .filter(([name]) => name === 'cookie')
    .flatMap(([, text]) => text.split('; '));
  return { headers: joinPairs(pairs.filter(([name]) => name !== 'cookie')), cookies };
}

function joinPairs(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const valueByName = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = valueByName.get(name);
    valueByName.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(valueByName);
}

function isBinary(headers: Readonly<Record<string, string>>): boolean {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return true;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return type !== undefined && !TEXT_TYPE.test(type);
}

function formatLogTime(at: Date): string {
  const padTwo = (value: number): string => String(value).padStart(2, '0');
  const day = `${padTwo(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${padTwo(at.getUTCHours())}:${padTwo(at.getUTCMinutes())}:${padTwo(at.getUTCSeconds())} +0000`;
}
