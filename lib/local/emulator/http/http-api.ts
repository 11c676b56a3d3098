import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { FunctionDescription } from '../serverless-config/functions.ts';
import type { Functions } from '../functions.ts';
import type { Invocation } from '../lambda/invocation.ts';
import { toWireResponse, createErrorResponse, type WireResponse } from './gateway-response.ts';
import { toGatewayEvent } from './gateway-event.ts';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts';
import { readBody } from './read-body.ts';
import { matchRoute } from './routes.ts';

/** The largest body that API Gateway accepts. */
const MAX_BODY_BYTES = 10_485_760;
/** How long API Gateway waits for a function. */
const INTEGRATION_TIMEOUT_MS = 30_000;

/**
 * Starts the HTTP API: each request to a declared route becomes one invocation of its function, in the
 * format and within the limits of API Gateway.
 * @param port 0 for any free port
 * @param timeoutMs how long a function may take to respond
 * @param fallback handles requests for which no route is declared; 404 without it
 * @throws StartError when the port is in use
 */
export async function startHttpApi(
  port: number,
  functions: readonly FunctionDescription[],
  lambdas: Pick<Functions, 'get'>,
  timeoutMs: number = INTEGRATION_TIMEOUT_MS,
  fallback: RequestListener | null = null,
): Promise<LoopbackServer> {
  const handleRequest = async (request: IncomingMessage): Promise<WireResponse> => {
    const method = request.method ?? 'GET';
    const target = request.url ?? '/';
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === null) return createErrorResponse(413, 'Request Entity Too Large');
    const route = matchRoute(functions, method, target.split('?')[0] ?? '/');
    const lambda = lambdas.get(route?.functionName ?? '');
    if (route === null || lambda === undefined) return createErrorResponse(404, 'Not Found');
    const { remoteAddress = '', localPort = 0 } = request.socket;
    const { httpVersion, rawHeaders } = request;
    const event = toGatewayEvent(
      { method, target, httpVersion, rawHeaders, body, sourceIp: remoteAddress, port: localPort },
      route,
      randomUUID(),
      new Date(),
    );
    const invocation = await withTimeout(lambda.invoke(event), timeoutMs);
    if (invocation === null) return createErrorResponse(503, 'Service Unavailable');
    return toWireResponse(invocation.result);
  };
  return startLoopbackServer(port, (request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    if (fallback !== null && matchRoute(functions, request.method ?? 'GET', path) === null) {
      fallback(request, response);
      return;
    }
    handleRequest(request)
      .then((wireResponse) => send(response, wireResponse))
      // the client has disconnected, or a header of the response is not allowed in HTTP
      .catch(() => {
        if (response.headersSent || response.destroyed) response.destroy();
        else send(response, createErrorResponse(500, 'Internal Server Error'));
      });
  });
}

async function withTimeout(
  call: Promise<Invocation>,
  timeoutMs: number,
): Promise<Invocation | null> {
  const cancel = new AbortController();
  const timeout = wait(timeoutMs, null, { signal: cancel.signal }).catch(() => null);
  const first = await Promise.race([call, timeout]);
  cancel.abort();
  return first;
}

function send(response: ServerResponse, wireResponse: WireResponse): void {
  response.writeHead(wireResponse.status, {
    ...wireResponse.headers,
    'content-length': wireResponse.body.length,
    'apigw-requestid': randomUUID(),
  });
  response.end(wireResponse.body);
}
