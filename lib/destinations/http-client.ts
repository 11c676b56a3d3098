import * as http from 'node:http';
import * as https from 'node:https';
import { TIME_LIMIT } from './outcome.ts';

/** One HTTP request, ready to be sent. */
export interface Call {
  readonly url: URL;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** What came of it: an answer, or none and whether the request had gone out by then. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** The beginning of the answer. */
      readonly text: string;
    }
  | {
      readonly kind: 'unanswered';
      readonly because: string;
      readonly sent: boolean;
      /** The connection was an old one that the receiver had closed meanwhile. */
      readonly stale: boolean;
    };

/** Sends a call and waits for its answer, until the signal aborts. Never rejects for what the network does. */
export type ExchangeHttp = (call: Call, signal: AbortSignal) => Promise<Exchange>;

const ANSWER_LIMIT_CHARACTERS = 4_096;
const KEPT_OF_ANSWER_CHARACTERS = 300;
const CLOSED_BY_RECEIVER = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Exchanges over connections of its own. node:http is used as it is: it brings no weight to a cold
 * start, keeps connections and follows no redirects.
 * @param reuse whether connections are kept for further calls. A kept one may have been closed by the
 * receiver while this function slept; the call is then made again on a new connection.
 */
export function createExchange(reuse: boolean): ExchangeHttp {
  // the environment cannot switch the check of certificates off
  const tls = { rejectUnauthorized: true };
  const kept = agents({ ...tls, keepAlive: reuse });
  const fresh = agents({ ...tls, keepAlive: false });
  return async (call, signal) => {
    const first = await send(call, signal, kept);
    const again = first.kind === 'unanswered' && first.stale && !signal.aborted;
    return again ? send(call, signal, fresh) : first;
  };
}

interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

function agents(options: https.AgentOptions): Agents {
  return { plain: new http.Agent(options), secure: new https.Agent(options) };
}

function send(call: Call, signal: AbortSignal, { plain, secure }: Agents): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const { method, headers } = call;
  const request =
    call.url.protocol === 'https:'
      ? https.request(call.url, { method, headers, agent: secure })
      : http.request(call.url, { method, headers, agent: plain });
  // lighter than handing the signal to node:http
  signal.addEventListener('abort', () => request.destroy(), { once: true });
  let sent = false;
  request.on('finish', () => {
    sent = true;
  });
  request.on('response', (response) => resolve(answerOf(response)));
  request.on('error', (error) => {
    const because = signal.aborted ? TIME_LIMIT : codeOf(error);
    const stale = request.reusedSocket && CLOSED_BY_RECEIVER.has(because);
    resolve({ kind: 'unanswered', because, sent, stale });
  });
  request.end(call.body);
  return promise;
}

/**
 * The status decides, so an answer that ends early, late or never is an answer all the same: what
 * came of it until then is kept.
 */
function answerOf(response: http.IncomingMessage): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    text += part;
    // ends the connection, so that nobody can keep us reading
    if (text.length > ANSWER_LIMIT_CHARACTERS) response.destroy();
  });
  // cut off, or ended by us: what came until then is all there is
  response.on('error', () => {});
  response.on('close', () => {
    resolve({
      kind: 'answered',
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      text: text.slice(0, KEPT_OF_ANSWER_CHARACTERS),
    });
  });
  return promise;
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.name;
}
