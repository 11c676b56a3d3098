import * as http from 'node:http';
import * as https from 'node:https';

/** One HTTP request, ready to be sent. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** What a request resulted in: a response, or none and whether the request was sent by then. */
export type HttpResult =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** The beginning of the body. */
      readonly body: string;
    }
  | {
      readonly kind: 'no_response';
      readonly reason: 'timeout' | 'no_response';
      /** The code of the network error; null at a timeout. */
      readonly cause: string | null;
      readonly isSent: boolean;
      /** A kept connection that the destination had closed meanwhile. */
      readonly isStaleConnection: boolean;
    };

/** Sends a call and waits for its answer, until the signal aborts. Never rejects for what the network does. */
export type SendHttp = (call: HttpCall, signal: AbortSignal) => Promise<HttpResult>;

const MAX_RESPONSE_CHARACTERS = 4_096;
const STORED_RESPONSE_CHARACTERS = 300;
const CLOSED_BY_RECEIVER = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Exchanges over connections of its own. node:http is used as it is: it brings no weight to a cold
 * start, keeps connections and follows no redirects.
 * @param reusesConnections whether connections are kept for further calls. A kept one may have been closed by the
 * receiver while this function slept; the call is then made again on a new connection.
 */
export function createHttpClient(reusesConnections: boolean): SendHttp {
  // the environment cannot switch the check of certificates off
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
  // lighter than handing the signal to node:http
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
 * The status decides, so an answer that ends early, late or never is an answer all the same: what
 * came of it until then is kept.
 */
function readResponse(response: http.IncomingMessage): Promise<HttpResult> {
  const { promise, resolve } = Promise.withResolvers<HttpResult>();
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    body += chunk;
    // ends the connection, so that nobody can keep us reading
    if (body.length > MAX_RESPONSE_CHARACTERS) response.destroy();
  });
  // cut off, or ended by us: what came until then is all there is
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
