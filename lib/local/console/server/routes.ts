import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { readBody } from '../../emulator/http/read-body.ts';
import { StartError } from '../../emulator/start-error.ts';
import { refusalOf, SAFE_HEADERS } from './same-origin.ts';
import type { LiveStream } from './live-stream.ts';
import type { Asset } from './assets.ts';

/** Answers a question or carries out an action: the JSON value of the answer, or null for 404. */
export type Answering = (input: unknown, query: URLSearchParams) => Promise<unknown>;

/** What the console's address leads to. */
export interface Routes {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly live: LiveStream;
  /** By path; they change nothing. */
  readonly questions: Readonly<Record<string, Answering>>;
  /** By path; they are asked for by POST from the page itself. */
  readonly actions: Readonly<Record<string, Answering>>;
}

const MAX_BODY_BYTES = 2_097_152;
const LIVE_PATH = '/console/live';

/** Answers everything that the page asks for, and refuses everybody else. */
export function consoleListener(routes: Routes): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
    answer(routes, request, response).catch((fault: unknown) => {
      if (response.headersSent) response.destroy();
      else if (isForPerson(fault)) send(response, 400, { problem: fault.message });
      else send(response, 500, { problem: fault instanceof Error ? fault.message : 'It failed.' });
    });
  };
}

async function answer(
  { assets, live, questions, actions }: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== null) return send(response, 403, { problem: refusal });
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method === 'POST') {
    const action = actions[pathname];
    const body = await readBody(request, MAX_BODY_BYTES);
    if (action === undefined) return send(response, 404, { problem: 'Nothing is here.' });
    if (body === null) return send(response, 413, { problem: 'That is too large.' });
    return send(response, 200, await action(JSON.parse(body.toString('utf8')), searchParams));
  }
  if (pathname === LIVE_PATH) return live.open(response);
  const asset = assets.get(pathname);
  if (asset !== undefined) {
    response.writeHead(200, { 'content-type': asset.type }).end(asset.content);
    return;
  }
  const found = (await questions[pathname]?.(null, searchParams)) ?? null;
  if (found === null) return send(response, 404, { problem: 'Nothing is here.' });
  send(response, 200, found);
}

function isForPerson(fault: unknown): fault is Error {
  return fault instanceof StartError || fault instanceof SyntaxError || v.isValiError(fault);
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}
