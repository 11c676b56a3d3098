import * as http from 'node:http';
import * as v from 'valibot';
import { startLoopbackServer } from '../../lib/local/emulator/http/loopback-server.ts';
import { readBody } from '../../lib/local/emulator/http/read-body.ts';

/** A request of a function to an emulator. */
export interface ProxyRequest {
  /** The operation, for example `SendMessage`. */
  readonly operation: string;
  readonly body: string;
  /** The invocation that sent it; empty when the request names none. */
  readonly invocationId: string;
}

/** An entry of a batch that failed, as a response of SQS lists it. */
export interface FailedEntry {
  readonly Id: string;
  readonly Code: string;
  readonly SenderFault: boolean;
}

/** What the proxy does with a request. */
export type ProxyAction =
  /**
   * Forwards each body, one after the other. The response is that to the first; with `failed` it also lists
   * these entries of a batch, which the service did not get.
   */
  | {
      readonly kind: 'forward';
      readonly bodies: readonly string[];
      readonly failed?: readonly FailedEntry[];
    }
  /** Responds with an error and does not forward the request. `type` is AWS's error code. */
  | { readonly kind: 'reject'; readonly status: number; readonly type: string }
  /** Forwards the request and drops the response: closes the connection, or sends nothing. */
  | { readonly kind: 'drop_response'; readonly mode: 'cut' | 'hang' };

/** Decides what the proxy does, and is notified of every response that did not reach the function. */
export interface ProxyFaults {
  decide(request: ProxyRequest): ProxyAction;
  onResponseLost(request: ProxyRequest): void;
}

/** A loopback proxy in front of an emulator. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Sets the URL to forward to. Call it before the first request. */
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
const BatchResultSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ Failed: v.optional(v.array(v.unknown()), []) }),
);

/** Starts a proxy that injects faults into requests to an emulator with AWS's JSON protocol. */
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
    const failed = action.kind === 'forward' ? (action.failed ?? []) : [];
    if (failed.length === 0 || response.status !== 200) {
      out.writeHead(response.status, response.headers).end(response.body);
      return;
    }
    const result = v.parse(BatchResultSchema, String(response.body));
    out.writeHead(200, { 'content-type': AWS_JSON });
    out.end(JSON.stringify({ ...result, Failed: [...result.Failed, ...failed] }));
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
  return { operation, body, invocationId: String(headers['x-amzn-trace-id'] ?? '') };
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
