import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { FunctionDescription } from '../serverless-config/functions.ts';
import type { Functions } from '../functions.ts';
import type { Invocation } from '../lambda/invocation.ts';
import { gatewayAnswer, gatewayMessage, type WireAnswer } from './gateway-response.ts';
import { gatewayEvent } from './gateway-event.ts';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts';
import { readBody } from './read-body.ts';
import { matchRoute } from './routes.ts';

/** The largest body that API Gateway takes. */
const MAX_BODY_BYTES = 10_485_760;
/** How long API Gateway waits for a function. */
const INTEGRATION_LIMIT_MS = 30_000;

/**
 * Starts the HTTP API: each request to a declared route becomes one call of its function, in the form
 * and within the limits of API Gateway.
 * @param port 0 for any free one
 * @param limitMs how long a function may take to answer
 * @param elsewhere answers what no route is declared for; 404 without it
 * @throws StartError when the port is in use
 */
export async function startHttpApi(
  port: number,
  functions: readonly FunctionDescription[],
  lambdas: Pick<Functions, 'get'>,
  limitMs: number = INTEGRATION_LIMIT_MS,
  elsewhere: RequestListener | null = null,
): Promise<LoopbackServer> {
  const answerTo = async (request: IncomingMessage): Promise<WireAnswer> => {
    const method = request.method ?? 'GET';
    const target = request.url ?? '/';
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === null) return gatewayMessage(413, 'Request Entity Too Large');
    const route = matchRoute(functions, method, target.split('?')[0] ?? '/');
    const lambda = lambdas.get(route?.functionName ?? '');
    if (route === null || lambda === undefined) return gatewayMessage(404, 'Not Found');
    const { remoteAddress = '', localPort = 0 } = request.socket;
    const { httpVersion, rawHeaders } = request;
    const event = gatewayEvent(
      { method, target, httpVersion, rawHeaders, body, sourceIp: remoteAddress, port: localPort },
      route,
      randomUUID(),
      new Date(),
    );
    const invocation = await withinLimit(lambda.invoke(event), limitMs);
    if (invocation === null) return gatewayMessage(503, 'Service Unavailable');
    return gatewayAnswer(invocation.outcome);
  };
  return startLoopbackServer(port, (request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    if (elsewhere !== null && matchRoute(functions, request.method ?? 'GET', path) === null) {
      elsewhere(request, response);
      return;
    }
    answerTo(request)
      .then((answer) => send(response, answer))
      // a client that is gone, or a header that HTTP does not allow
      .catch(() => {
        if (response.headersSent || response.destroyed) response.destroy();
        else send(response, gatewayMessage(500, 'Internal Server Error'));
      });
  });
}

async function withinLimit(call: Promise<Invocation>, limitMs: number): Promise<Invocation | null> {
  const cancel = new AbortController();
  const limit = wait(limitMs, null, { signal: cancel.signal }).catch(() => null);
  const first = await Promise.race([call, limit]);
  cancel.abort();
  return first;
}

function send(response: ServerResponse, answer: WireAnswer): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': answer.body.length,
    'apigw-requestid': randomUUID(),
  });
  response.end(answer.body);
}
