import diagnostics from 'node:diagnostics_channel';
import { ClientRequest, type IncomingMessage } from 'node:http';

/** An HTTP request that a handler made, and the response to it. Header names are in lower case. */
export interface MadeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Null when there was no response. */
  readonly status: number | null;
  readonly responseHeaders: Readonly<Record<string, string>>;
  /** The beginning of the response's body; empty for a call of an AWS service. */
  readonly responseBody: string;
  /** From the request to the end of the response or of the connection. */
  readonly ms: number;
}

/** Longer bodies are cut off: no message of SQS and no batch of them is longer. */
const MAX_BODY_CHARACTERS = 2_097_152;
const MAX_RESPONSE_CHARACTERS = 16_384;
/** The SDK sends it with every call. */
const SDK_HEADER = 'amz-sdk-invocation-id';
const DYNAMODB_TARGET = /^DynamoDB_/;

/**
 * Reports every request that this thread makes by node:http or node:https, as soon as it is over, but the
 * calls of DynamoDB. The code that makes the requests does not notice.
 */
export function captureRequests(onRequest: (request: MadeRequest) => void): void {
  diagnostics.subscribe('http.client.request.created', (message) => {
    if (
      typeof message === 'object' &&
      message !== null &&
      'request' in message &&
      message.request instanceof ClientRequest
    )
      capture(message.request, onRequest);
  });
}

function capture(request: ClientRequest, onRequest: (request: MadeRequest) => void): void {
  const startedAtMs = performance.now();
  const isSdkCall = request.hasHeader(SDK_HEADER);
  if (DYNAMODB_TARGET.test(String(request.getHeader('x-amz-target')))) return;
  const body = captureWritten(request);
  let response: IncomingMessage | null = null;
  let responseBody = '';
  request.on('response', (incoming) => {
    response = incoming;
    // the SDK begins to read later, and would miss what has been read by then
    if (isSdkCall) return;
    incoming.on('data', (chunk: unknown) => {
      if (responseBody.length < MAX_RESPONSE_CHARACTERS) responseBody += toText(chunk);
    });
  });
  request.on('close', () =>
    onRequest({
      method: request.method,
      path: request.path,
      headers: toHeaders(request.getHeaders()),
      body: body(),
      status: response?.statusCode ?? null,
      responseHeaders: toHeaders(response?.headers ?? {}),
      responseBody: responseBody.slice(0, MAX_RESPONSE_CHARACTERS),
      ms: Math.round(performance.now() - startedAtMs),
    }),
  );
}

/** Notes what is written to a request. @returns what was written so far */
function captureWritten(request: ClientRequest): () => string {
  let text = '';
  const note = (chunk: unknown): void => {
    if (text.length < MAX_BODY_CHARACTERS) text += toText(chunk);
  };
  for (const name of ['write', 'end'] as const) {
    const original = request[name];
    Object.assign(request, {
      [name](...input: unknown[]): unknown {
        note(input[0]);
        return Reflect.apply(original, request, input);
      },
    });
  }
  return () => text.slice(0, MAX_BODY_CHARACTERS);
}

function toText(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk).toString('utf8') : '';
}

function toHeaders(headers: NodeJS.Dict<number | string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
