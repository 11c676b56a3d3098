import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { startLoopbackServer } from './http/loopback-server.ts';
import { readBody } from './http/read-body.ts';

/** A request that a mock destination received. Header names are in lower case; repeated headers are joined. */
export interface MockRequest {
  readonly destination: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly receivedAt: Date;
}

/** How a mock destination handles a request, after an optional delay. `close` closes the connection, `hang` never responds. */
export type MockResponse = { readonly delayMs?: number } & (
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: 'hang' }
  | { readonly kind: 'close' }
);

/** Chooses the response to a request; `index` counts the mock destination's requests from 0. */
export type MockScript = (request: MockRequest, index: number) => MockResponse;

/** Receivers for HTTP destinations, at `/mock/<name>` of one loopback address. Any name works. */
export interface MockDestinations {
  readonly endpoint: string;
  /** The last requests of a mock destination, oldest first. */
  received(destination: string): readonly MockRequest[];
  /** How many requests a mock destination has received in total. */
  countRequests(destination: string): number;
  /** The mock destinations that have received a request. */
  names(): readonly string[];
  /** Sets how a mock destination responds from now on; without a script it responds with 200. */
  setBehaviour(destination: string, script?: MockScript): void;
  stop(): Promise<void>;
}

/** How many requests each mock destination keeps: a bound for the memory of a long run. */
const MAX_STORED_REQUESTS = 1_000;
const MAX_BODY_BYTES = 16_777_216;
const OK: MockResponse = { kind: 'respond', status: 200 };

interface MockDestination {
  readonly requests: MockRequest[];
  requestCount: number;
}

/**
 * Starts the mock destinations on a free port.
 * @param onRequest receives every request when it arrives
 */
export async function startMockDestinations(
  onRequest: (request: MockRequest) => void,
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

async function sendMockResponse(
  mockResponse: MockResponse,
  response: ServerResponse,
): Promise<void> {
  if (mockResponse.delayMs !== undefined) await wait(mockResponse.delayMs);
  switch (mockResponse.kind) {
    case 'respond':
      response.writeHead(mockResponse.status, { ...mockResponse.headers }).end(mockResponse.body);
      return;
    case 'close':
      response.destroy();
      return;
    case 'hang':
  }
}
