import * as http from 'node:http';
import * as https from 'node:https';

/** One HTTP request, ready to be sent. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** How many characters of the response's body decide too. With 0 a 2xx is complete with its headers. */
  readonly readCharacters: number;
}

/** What came back, or that nothing did. */
export type HttpResult = HttpResponse | NoHttpResponse;

/** A response. */
export interface HttpResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The beginning of the body: at most `readCharacters`, or with 0 MAX_DRAIN_CHARACTERS. */
  readonly body: string;
}

/** No response, or with `readCharacters` not the whole of a 2xx; and whether the request had been sent by then. */
export interface NoHttpResponse {
  readonly kind: 'no_response';
  readonly reason: 'timeout' | 'no_response';
  /** The code of the network error; null at a timeout. */
  readonly cause: string | null;
  readonly isSent: boolean;
  /** The connection was a reused one that the receiver had already closed. */
  readonly isStaleConnection: boolean;
}

/** Sends a call and waits for the response, until the signal aborts. Never rejects for a network error. */
export type SendHttp = (call: HttpCall, signal: AbortSignal) => Promise<HttpResult>;

/** How much of any other body is read, to keep the connection. */
const MAX_DRAIN_CHARACTERS = 4_096;
/** How long the rest of a 2xx body may take, before its connection is closed. */
const MAX_DRAIN_MS = 1_000;
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
  let interruptResponse: Interrupt | null = null;
  /** Ends the attempt without more of a response than there is. */
  const interrupt = (
    reason: NoHttpResponse['reason'],
    cause: string | null,
    isStaleConnection = false,
  ): void => {
    const noResponse = { kind: 'no_response', reason, cause } as const;
    if (interruptResponse === null) resolve({ ...noResponse, isSent, isStaleConnection });
    // there was a response, so the receiver has had the request, and must not get it again at once
    else interruptResponse({ ...noResponse, isSent: true, isStaleConnection: false });
  };
  // costs less than passing the signal to node:http, and does not wait for an event of the connection
  const onAbort = (): void => {
    interrupt('timeout', null);
    request.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  request.on('finish', () => {
    isSent = true;
  });
  request.on('response', (incoming) => {
    interruptResponse = readResponse(incoming, call.readCharacters, resolve);
    incoming.on('close', () => interrupt('no_response', 'ECONNRESET'));
  });
  // 101: without this listener node:http reports neither a response nor an error
  request.on('upgrade', (incoming, socket) => {
    socket.destroy();
    resolve(toResponse(incoming, ''));
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    const cause = error.code ?? error.name;
    interrupt('no_response', cause, request.reusedSocket && CLOSED_BY_RECEIVER.has(cause));
  });
  // the connection ended, perhaps without a response and without an error
  request.on('close', () => interrupt('no_response', 'ECONNRESET'));
  request.end(call.body);
  return promise;
}

/** Resolves with what has arrived of a response, or with `noResponse` if that does not decide. */
type Interrupt = (noResponse: NoHttpResponse) => void;

/**
 * Reads the beginning of the body, and resolves when there is enough of it. The status of a response
 * that is not 2xx decides about the outcome, so its body may end early, late or never. A 2xx is
 * complete with its headers: the rest is read only to keep the connection, for a short time. With
 * `readCharacters` the body of a 2xx decides too: if it is cut off, the response counts as none.
 */
function readResponse(
  response: http.IncomingMessage,
  readCharacters: number,
  resolve: (result: HttpResult) => void,
): Interrupt {
  const maxCharacters = readCharacters > 0 ? readCharacters : MAX_DRAIN_CHARACTERS;
  let body = '';
  const settle = (): void => resolve(toResponse(response, body.slice(0, maxCharacters)));
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    body += chunk;
    if (body.length <= maxCharacters) return;
    settle();
    // closes the connection, so that no receiver can keep the function reading
    response.destroy();
  });
  response.on('end', settle);
  // cut off: `close` follows
  response.on('error', () => {});
  const { statusCode: status = 0 } = response;
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && readCharacters === 0) {
    const drain = setTimeout(() => response.destroy(), MAX_DRAIN_MS);
    drain.unref();
    response.on('close', () => clearTimeout(drain));
    settle();
  }
  return isSuccess && readCharacters > 0 ? resolve : settle;
}

function toResponse(
  { statusCode: status = 0, headers }: http.IncomingMessage,
  body: string,
): HttpResponse {
  return { kind: 'response', status, headers, body };
}
