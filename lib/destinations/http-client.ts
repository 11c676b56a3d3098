import * as http from 'node:http';
import * as https from 'node:https';

/** One HTTP request, ready to be sent. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** A response; or none, and whether the request had been sent by then. */
export type HttpResult =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** The beginning of the response body. */
      readonly body: string;
    }
  | {
      readonly kind: 'no_response';
      readonly reason: 'timeout' | 'no_response';
      /** The code of the network error; null at a timeout. */
      readonly cause: string | null;
      readonly isSent: boolean;
      /** The connection was a reused one that the receiver had already closed. */
      readonly isStaleConnection: boolean;
    };

/** Sends a call and waits for the response, until the signal aborts. Never rejects for a network error. */
export type SendHttp = (call: HttpCall, signal: AbortSignal) => Promise<HttpResult>;

const MAX_RESPONSE_CHARACTERS = 4_096;
const STORED_RESPONSE_CHARACTERS = 300;
const CLOSED_BY_RECEIVER = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Creates an HTTP client with connections of its own. It uses plain node:http, which adds nothing to a
 * cold start, reuses connections and follows no redirects.
 * @param reusesConnections whether connections are kept open for further calls. The receiver may have
 * closed one while Lambda froze the execution environment; the call is then sent again on a new
 * connection.
 */
export function createHttpClient(reusesConnections: boolean): SendHttp {
  // NODE_TLS_REJECT_UNAUTHORIZED in the environment cannot turn certificate verification off
  const tls = { rejectUnauthorized: true };
  const keptAgents = createAgents({ ...tls, keepAlive: reusesConnections });
  const freshAgents = createAgents({ ...tls, keepAlive: false });
  return async (call, signal) => {
    const first = await send(call, signal, keptAgents);
    const shouldResend = first.kind === 'no_response' && first.isStaleConnection && !signal.aborted;
    return shouldResend ? send(call, signal, freshAgents) : first;
  };
}

interface AgentPair {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

function createAgents(options: https.AgentOptions): AgentPair {
  return { plain: new http.Agent(options), secure: new https.Agent(options) };
}

function send(
  call: HttpCall,
  signal: AbortSignal,
  { plain, secure }: AgentPair,
): Promise<HttpResult> {
  const { promise, resolve } = Promise.withResolvers<HttpResult>();
  const { method, headers } = call;
  const request =
    call.url.protocol === 'https:'
      ? https.request(call.url, { method, headers, agent: secure })
      : http.request(call.url, { method, headers, agent: plain });
  // costs less than passing the signal to node:http
  signal.addEventListener('abort', () => request.destroy(), { once: true });
  let isSent = false;
  request.on('finish', () => {
    isSent = true;
  });
  request.on('response', (response) => resolve(readResponse(response)));
  request.on('error', (error: NodeJS.ErrnoException) => {
    const cause = error.code ?? error.name;
    const isStaleConnection = request.reusedSocket && CLOSED_BY_RECEIVER.has(cause);
    resolve(
      signal.aborted
        ? { kind: 'no_response', reason: 'timeout', cause: null, isSent, isStaleConnection: false }
        : { kind: 'no_response', reason: 'no_response', cause, isSent, isStaleConnection },
    );
  });
  request.end(call.body);
  return promise;
}

/**
 * Reads the beginning of the body. The status decides about the outcome, so a body that ends early, late
 * or never still counts as a response, with what arrived of it.
 */
function readResponse(response: http.IncomingMessage): Promise<HttpResult> {
  const { promise, resolve } = Promise.withResolvers<HttpResult>();
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    body += chunk;
    // closes the connection, so that no receiver can keep the function reading
    if (body.length > MAX_RESPONSE_CHARACTERS) response.destroy();
  });
  // cut off, or closed above: `close` follows, with what arrived until then
  response.on('error', () => {});
  response.on('close', () => {
    resolve({
      kind: 'response',
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      body: body.slice(0, STORED_RESPONSE_CHARACTERS),
    });
  });
  return promise;
}
