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

/** How long the rest of a 2xx body may take, before its connection is closed. */
const MAX_DRAIN_MS = 1_000;

/** Sends a request once. Resolves when the signal aborts at the latest, whatever the receiver does. */
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
  let isSent = false;
  let response: ResponseReader | null = null;
  // costs less than passing the signal to node:http, and does not wait for an event of the connection
  const onAbort = (): void => {
    resolve(
      response?.read() ?? {
        kind: 'no_response',
        reason: 'timeout',
        cause: null,
        isSent,
        isStaleConnection: false,
      },
    );
    request.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  request.on('finish', () => {
    isSent = true;
  });
  request.on('response', (incoming) => {
    response = readResponse(incoming, resolve);
  });
  // 101: without this listener node:http reports neither a response nor an error
  request.on('upgrade', (incoming, socket) => {
    socket.destroy();
    resolve({
      kind: 'response',
      status: incoming.statusCode ?? 0,
      retryAfter: undefined,
      body: '',
    });
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    // after a response its status decides, however the connection ends
    if (response !== null) return resolve(response.read());
    const cause = error.code ?? error.name;
    const isStaleConnection = request.reusedSocket && CLOSED_BY_RECEIVER.has(cause);
    resolve({ kind: 'no_response', reason: 'no_response', cause, isSent, isStaleConnection });
  });
  // the connection ended without a response and without an error
  request.on('close', () => {
    if (response !== null) return;
    const cause = 'ECONNRESET';
    resolve({
      kind: 'no_response',
      reason: 'no_response',
      cause,
      isSent,
      isStaleConnection: false,
    });
  });
  request.end(call.body);
  return promise;
}

/** A response whose body is being read. */
interface ResponseReader {
  /** The response with what has arrived of its body. */
  readonly read: () => HttpResult;
}

/**
 * Reads the beginning of the body. The status decides about the outcome, so a body that ends early, late
 * or never still counts as a response, with what arrived of it. A 2xx is complete with its headers: the
 * rest is read only to keep the connection, for a short time.
 */
function readResponse(
  response: http.IncomingMessage,
  resolve: (result: HttpResult) => void,
): ResponseReader {
  let body = '';
  const read = (): HttpResult => ({
    kind: 'response',
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: body.slice(0, STORED_RESPONSE_CHARACTERS),
  });
  response.setEncoding('utf8');
  let length = 0;
  response.on('data', (chunk: string) => {
    length += chunk.length;
    if (body.length < STORED_RESPONSE_CHARACTERS) body += chunk;
    // closes the connection, so that no receiver can keep the function reading
    if (length > MAX_RESPONSE_CHARACTERS) response.destroy();
  });
  // cut off, or closed above: `close` follows, with what arrived until then
  response.on('error', () => {});
  if (isSuccess(response.statusCode ?? 0)) {
    const drain = setTimeout(() => response.destroy(), MAX_DRAIN_MS);
    drain.unref();
    response.on('close', () => clearTimeout(drain));
    resolve(read());
  } else {
    response.on('close', () => resolve(read()));
  }
  return { read };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
