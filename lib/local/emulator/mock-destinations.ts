import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { startLoopbackServer } from './http/loopback-server.ts';
import { readBody } from './http/read-body.ts';

/** One request that a sink got. Header names are in lower case; repeated headers are joined. */
export interface SinkRequest {
  readonly sink: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly receivedAt: Date;
}

/** How a sink dealt with a request. `status` is null when there was no answer. */
export interface SinkAnswer {
  readonly request: SinkRequest;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** From the request to the answer, or to the end of the connection. */
  readonly ms: number;
}

/** What a sink does with a request, after an optional delay. `close` cuts the connection, `hang` never answers. */
export type SinkBehaviour = { readonly delayMs?: number } & (
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'hang' }
  | { readonly kind: 'close' }
);

/** Chooses a behaviour for a request; `index` counts the sink's requests from 0. */
export type SinkScript = (request: SinkRequest, index: number) => SinkBehaviour;

/** Receivers for HTTP destinations, at `/sink/<name>` of one loopback address. Any name is one. */
export interface Sinks {
  readonly endpoint: string;
  /** The last requests of a sink, oldest first. */
  received(sink: string): readonly SinkRequest[];
  /** How many requests a sink has got in all. */
  total(sink: string): number;
  /** The sinks that have got something. */
  names(): readonly string[];
  /** Makes a sink behave so from now on; without a script it answers 200 again. */
  behave(sink: string, script?: SinkScript): void;
  stop(): Promise<void>;
}

/** What one sink remembers: enough for a look, little enough for a long run. */
const REMEMBERED_REQUESTS = 1_000;
const MAX_BODY_BYTES = 16_777_216;
const OK: SinkBehaviour = { kind: 'answer', status: 200 };

interface Sink {
  readonly requests: SinkRequest[];
  total: number;
}

/**
 * @param onRequest gets every request as it comes in
 * @param onAnswer gets what became of it
 */
export async function startSinks(
  onRequest: (request: SinkRequest) => void,
  onAnswer: (answer: SinkAnswer) => void = () => {},
): Promise<Sinks> {
  const sinks = new Map<string, Sink>();
  const scripts = new Map<string, SinkScript>();

  const remember = (request: SinkRequest): number => {
    const sink = sinks.get(request.sink) ?? { requests: [], total: 0 };
    sinks.set(request.sink, sink);
    sink.requests.push(request);
    if (sink.requests.length > REMEMBERED_REQUESTS) sink.requests.shift();
    sink.total += 1;
    onRequest(request);
    return sink.total - 1;
  };
  const take = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = /^\/sink\/([^/?]+)/.exec(incoming.url ?? '')?.[1];
    const body = await readBody(incoming, MAX_BODY_BYTES);
    if (name === undefined || body === null) {
      response.writeHead(name === undefined ? 404 : 413).end();
      return;
    }
    const request = sinkRequest(name, incoming, body);
    const index = remember(request);
    const behaviour = scripts.get(name)?.(request, index) ?? OK;
    response.once('close', () => onAnswer(answerTo(request, behaviour, response)));
    await behaveAs(behaviour, response);
  };

  const server = await startLoopbackServer(0, (incoming, response) => {
    take(incoming, response).catch(() => response.destroy());
  });
  return {
    endpoint: server.endpoint,
    received: (sink) => [...(sinks.get(sink)?.requests ?? [])],
    total: (sink) => sinks.get(sink)?.total ?? 0,
    names: () => [...sinks.keys()],
    behave(sink, script) {
      if (script === undefined) scripts.delete(sink);
      else scripts.set(sink, script);
    },
    stop: () => server.stop(),
  };
}

function sinkRequest(sink: string, incoming: IncomingMessage, body: Buffer): SinkRequest {
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, String(value)] as const,
  );
  return {
    sink,
    method: incoming.method ?? 'GET',
    headers: Object.fromEntries(headers),
    body: body.toString('utf8'),
    receivedAt: new Date(),
  };
}

function answerTo(
  request: SinkRequest,
  behaviour: SinkBehaviour,
  response: ServerResponse,
): SinkAnswer {
  const answered = behaviour.kind === 'answer' && response.writableFinished;
  return {
    request,
    status: answered ? behaviour.status : null,
    headers: answered ? { ...behaviour.headers } : {},
    ms: Date.now() - request.receivedAt.getTime(),
  };
}

async function behaveAs(behaviour: SinkBehaviour, response: ServerResponse): Promise<void> {
  if (behaviour.delayMs !== undefined) await wait(behaviour.delayMs);
  switch (behaviour.kind) {
    case 'answer':
      response.writeHead(behaviour.status, { ...behaviour.headers }).end();
      return;
    case 'close':
      response.destroy();
      return;
    case 'hang':
  }
}
