import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { startLoopbackServer } from './http/loopback-server.ts';
import { readBody } from './http/read-body.ts';

/** One request that a mock destination got. Header names are in lower case; repeated headers are joined. */
export interface MockRequest {
  readonly destination: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly receivedAt: Date;
}

/** How a mock destination dealt with a request. `status` is null when there was no answer. */
export interface MockExchange {
  readonly request: MockRequest;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** From the request to the answer, or to the end of the connection. */
  readonly ms: number;
}

/** What a mock destination does with a request, after an optional delay. `close` cuts the connection, `hang` never answers. */
export type MockResponse = { readonly delayMs?: number } & (
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'hang' }
  | { readonly kind: 'close' }
);

/** Chooses a behaviour for a request; `index` counts the mock destination's requests from 0. */
export type MockScript = (request: MockRequest, index: number) => MockResponse;

/** Receivers for HTTP destinations, at `/mock/<name>` of one loopback address. Any name is one. */
export interface MockDestinations {
  readonly endpoint: string;
  /** The last requests of a mock destination, oldest first. */
  received(destination: string): readonly MockRequest[];
  /** How many requests a mock destination has got in all. */
  countRequests(destination: string): number;
  /** The mock destinations that have got something. */
  names(): readonly string[];
  /** Makes a mock destination behave so from now on; without a script it answers 200 again. */
  setBehaviour(destination: string, script?: MockScript): void;
  stop(): Promise<void>;
}

/** What one mock destination remembers: enough for a look, little enough for a long run. */
const MAX_STORED_REQUESTS = 1_000;
const MAX_BODY_BYTES = 16_777_216;
const OK: MockResponse = { kind: 'answer', status: 200 };

interface MockDestination {
  readonly requests: MockRequest[];
  requestCount: number;
}

/**
 * @param onRequest gets every request as it comes in
 * @param onExchange gets what became of it
 */
export async function startMockDestinations(
  onRequest: (request: MockRequest) => void,
  onExchange: (exchange: MockExchange) => void = () => {},
): Promise<MockDestinations> {
  const storedDestinations = new Map<string, MockDestination>();
  const scripts = new Map<string, MockScript>();

  const storeRequest = (request: MockRequest): number => {
    const stored = storedDestinations.get(request.destination) ?? { requests: [], requestCount: 0 };
    storedDestinations.set(request.destination, stored);
    stored.requests.push(request);
    if (stored.requests.length > MAX_STORED_REQUESTS) stored.requests.shift();
    stored.requestCount += 1;
    onRequest(request);
    return stored.requestCount - 1;
  };
  const handleRequest = async (
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const name = /^\/mock\/([^/?]+)/.exec(incoming.url ?? '')?.[1];
    const body = await readBody(incoming, MAX_BODY_BYTES);
    if (name === undefined || body === null) {
      response.writeHead(name === undefined ? 404 : 413).end();
      return;
    }
    const request = toMockRequest(name, incoming, body);
    const index = storeRequest(request);
    const mockResponse = scripts.get(name)?.(request, index) ?? OK;
    response.once('close', () => onExchange(toMockExchange(request, mockResponse, response)));
    await sendMockResponse(mockResponse, response);
  };

  const server = await startLoopbackServer(0, (incoming, response) => {
    handleRequest(incoming, response).catch(() => response.destroy());
  });
  return {
    endpoint: server.endpoint,
    received: (destination) => [...(storedDestinations.get(destination)?.requests ?? [])],
    countRequests: (destination) => storedDestinations.get(destination)?.requestCount ?? 0,
    names: () => [...storedDestinations.keys()],
    setBehaviour(destination, script) {
      if (script === undefined) scripts.delete(destination);
      else scripts.set(destination, script);
    },
    stop: () => server.stop(),
  };
}

function toMockRequest(destination: string, incoming: IncomingMessage, body: Buffer): MockRequest {
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, String(value)] as const,
  );
  return {
    destination,
    method: incoming.method ?? 'GET',
    headers: Object.fromEntries(headers),
    body: body.toString('utf8'),
    receivedAt: new Date(),
  };
}

function toMockExchange(
  request: MockRequest,
  behaviour: MockResponse,
  response: ServerResponse,
): MockExchange {
  const isResponded = behaviour.kind === 'answer' && response.writableFinished;
  return {
    request,
    status: isResponded ? behaviour.status : null,
    headers: isResponded ? { ...behaviour.headers } : {},
    ms: Date.now() - request.receivedAt.getTime(),
  };
}

async function sendMockResponse(
  mockResponse: MockResponse,
  response: ServerResponse,
): Promise<void> {
  if (mockResponse.delayMs !== undefined) await wait(mockResponse.delayMs);
  switch (mockResponse.kind) {
    case 'answer':
      response.writeHead(mockResponse.status, { ...mockResponse.headers }).end();
      return;
    case 'close':
      response.destroy();
      return;
    case 'hang':
  }
}
