import * as http from 'node:http';
import { startLoopbackServer } from '../../lib/local/emulator/http/loopback-server.ts';
import { readBody } from '../../lib/local/emulator/http/read-body.ts';

/** A function's request to an emulator. */
export interface EdgeRequest {
  /** The operation, for example `SendMessage`. */
  readonly action: string;
  readonly body: string;
  /** The invocation that it comes from; empty when it carries none. */
  readonly invocation: string;
}

/** What becomes of a request on its way. */
export type Passage =
  /** Each body is handed on, one after the other; the answer is that to the first. */
  | { readonly kind: 'pass'; readonly bodies: readonly string[] }
  /** The emulator never sees it. `type` is AWS's name of the error. */
  | { readonly kind: 'refuse'; readonly status: number; readonly type: string }
  /** The emulator takes it, and the answer gets lost: the connection breaks, or nothing ever comes. */
  | { readonly kind: 'lose_answer'; readonly how: 'cut' | 'hang' };

/** Who decides about requests, and hears of answers that did not get through, for whatever reason. */
export interface EdgeFaults {
  judge(request: EdgeRequest): Passage;
  onAnswerLost(request: EdgeRequest): void;
}

/** A loopback proxy before an emulator. */
export interface Edge {
  readonly endpoint: string;
  /** Where requests are handed on to; to be called before the first one comes. */
  leadTo(emulatorEndpoint: string): void;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

const MAX_BODY_BYTES = 16_777_216;
const AWS_JSON = 'application/x-amz-json-1.0';

/** Starts a proxy that disturbs what functions send to an emulator of a service with AWS's JSON protocol. */
export async function startEdge(faults: EdgeFaults): Promise<Edge> {
  const agent = new http.Agent({ keepAlive: true });
  let target = '';

  const take = async (incoming: http.IncomingMessage, out: http.ServerResponse): Promise<void> => {
    const body = String((await readBody(incoming, MAX_BODY_BYTES)) ?? '');
    const request = edgeRequest(incoming.headers, body);
    const passage = faults.judge(request);
    if (passage.kind === 'refuse') {
      out.writeHead(passage.status, { 'content-type': AWS_JSON });
      out.end(JSON.stringify({ __type: passage.type, message: 'chaos' }));
      return;
    }
    const bodies = passage.kind === 'pass' ? passage.bodies : [body];
    const answers: Answer[] = [];
    for (const each of bodies) answers.push(await handOn(agent, target, incoming.headers, each));
    const [answer] = answers;
    if (answer === undefined || passage.kind === 'lose_answer' || out.destroyed) {
      faults.onAnswerLost(request);
      if (passage.kind === 'lose_answer' && passage.how === 'cut') out.destroy();
      return;
    }
    out.writeHead(answer.status, answer.headers).end(answer.body);
  };

  const server = await startLoopbackServer(0, (incoming, out) => {
    take(incoming, out).catch(() => out.destroy());
  });
  return {
    endpoint: server.endpoint,
    leadTo(emulatorEndpoint) {
      target = emulatorEndpoint;
    },
    async stop() {
      agent.destroy();
      await server.stop();
    },
  };
}

function edgeRequest(headers: http.IncomingHttpHeaders, body: string): EdgeRequest {
  const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
  return { action: operation, body, invocation: String(headers['x-amzn-trace-id'] ?? '') };
}

function handOn(
  agent: http.Agent,
  target: string,
  headers: http.IncomingHttpHeaders,
  body: string,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = Buffer.byteLength(body);
  const request = http.request(target, {
    method: 'POST',
    agent,
    headers: { ...headers, 'content-length': length },
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const chunks: Uint8Array[] = [];
    response.on('error', reject);
    response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    response.on('end', () => {
      const { statusCode = 502, headers: answered } = response;
      resolve({ status: statusCode, headers: answered, body: Buffer.concat(chunks) });
    });
  });
  request.end(body);
  return promise;
}
