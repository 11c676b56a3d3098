import * as http from 'node:http';
import { startLoopbackServer } from '../../lib/local/emulator/http/loopback-server.ts';
import { readBody } from '../../lib/local/emulator/http/read-body.ts';

/** A function's request to an emulator. */
export interface ProxyRequest {
  /** The operation, for example `SendMessage`. */
  readonly operation: string;
  readonly body: string;
  /** The invocation that it comes from; empty when it carries none. */
  readonly invocationId: string;
}

/** What becomes of a request on its way. */
export type ProxyAction =
  /** Each body is handed on, one after the other; the answer is that to the first. */
  | { readonly kind: 'forward'; readonly bodies: readonly string[] }
  /** The emulator never sees it. `type` is AWS's name of the error. */
  | { readonly kind: 'reject'; readonly status: number; readonly type: string }
  /** The emulator takes it, and the answer gets lost: the connection breaks, or nothing ever comes. */
  | { readonly kind: 'drop_response'; readonly mode: 'cut' | 'hang' };

/** Who decides about requests, and hears of answers that did not get through, for whatever reason. */
export interface ProxyFaults {
  decide(request: ProxyRequest): ProxyAction;
  onResponseLost(request: ProxyRequest): void;
}

/** A loopback proxy before an emulator. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Where requests are handed on to; to be called before the first one comes. */
  setTarget(targetUrl: string): void;
  stop(): Promise<void>;
}

interface EmulatorResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

const MAX_BODY_BYTES = 16_777_216;
const AWS_JSON = 'application/x-amz-json-1.0';

/** Starts a proxy that disturbs what functions send to an emulator of a service with AWS's JSON protocol. */
export async function startFaultProxy(faults: ProxyFaults): Promise<FaultProxy> {
  const agent = new http.Agent({ keepAlive: true });
  let target = '';

  const handleRequest = async (
    incoming: http.IncomingMessage,
    out: http.ServerResponse,
  ): Promise<void> => {
    const body = String((await readBody(incoming, MAX_BODY_BYTES)) ?? '');
    const request = toProxyRequest(incoming.headers, body);
    const action = faults.decide(request);
    if (action.kind === 'reject') {
      out.writeHead(action.status, { 'content-type': AWS_JSON });
      out.end(JSON.stringify({ __type: action.type, message: 'chaos' }));
      return;
    }
    const bodies = action.kind === 'forward' ? action.bodies : [body];
    const responses: EmulatorResponse[] = [];
    for (const each of bodies) responses.push(await forward(agent, target, incoming.headers, each));
    const [response] = responses;
    if (response === undefined || action.kind === 'drop_response' || out.destroyed) {
      faults.onResponseLost(request);
      if (action.kind === 'drop_response' && action.mode === 'cut') out.destroy();
      return;
    }
    out.writeHead(response.status, response.headers).end(response.body);
  };

  const server = await startLoopbackServer(0, (incoming, out) => {
    handleRequest(incoming, out).catch(() => out.destroy());
  });
  return {
    endpoint: server.endpoint,
    setTarget(targetUrl) {
      target = targetUrl;
    },
    async stop() {
      agent.destroy();
      await server.stop();
    },
  };
}

function toProxyRequest(headers: http.IncomingHttpHeaders, body: string): ProxyRequest {
  const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
  return { operation: operation, body, invocationId: String(headers['x-amzn-trace-id'] ?? '') };
}

function forward(
  agent: http.Agent,
  target: string,
  headers: http.IncomingHttpHeaders,
  body: string,
): Promise<EmulatorResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<EmulatorResponse>();
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
      const { statusCode = 502, headers: responseHeaders } = response;
      resolve({ status: statusCode, headers: responseHeaders, body: Buffer.concat(chunks) });
    });
  });
  request.end(body);
  return promise;
}
