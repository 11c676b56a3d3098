import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { readBody } from '../../emulator/http/read-body.ts';
import { StartError } from '../../emulator/start-error.ts';
import { WEBHOOK_PATH } from '../../cli/paths.ts';
import { checkSameOrigin, SECURITY_HEADERS } from './check-same-origin.ts';
import type { LiveStream } from './live-stream.ts';
import type { Asset } from './assets.ts';

/** Handles one path. Returns the JSON value of the response, or null for 404. */
export type RouteHandler = (input: unknown, query: URLSearchParams) => Promise<unknown>;

/** Handlers by path. */
export type RouteHandlers = Readonly<Record<string, RouteHandler>>;

/** Everything that the console serves. */
export interface ListenerDeps {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly liveStream: LiveStream;
  /** For GET; they change nothing. */
  readonly queries: RouteHandlers;
  /** For POST, from the page itself. */
  readonly commands: RouteHandlers;
}

const MAX_BODY_BYTES = 2_097_152;
const LIVE_PATH = '/console/live';
const NO_SUCH_PATH = `Nothing is at this path. Webhooks go to POST ${WEBHOOK_PATH}; the console is at /.`;
const NOT_FOUND = 'The console has no such query, or does not store this webhook any more.';

/** Creates the request listener of the console. It rejects every request from another origin. */
export function createConsoleListener(deps: ListenerDeps): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    handle(deps, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (isUserError(error)) sendJson(response, 400, { problem: error.message });
      else
        sendJson(response, 500, {
          problem: error instanceof Error ? error.message : String(error),
        });
    });
  };
}

async function handle(
  { assets, liveStream, queries, commands }: ListenerDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const hasPath = (path: string): boolean =>
    path === LIVE_PATH ||
    assets.has(path) ||
    Object.hasOwn(queries, path) ||
    Object.hasOwn(commands, path);
  const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
  // most often a mistyped address of the webhook endpoint, to which the origin says nothing
  if (url === null || !hasPath(url.pathname))
    return sendJson(response, 404, { problem: NO_SUCH_PATH });
  const rejection = checkSameOrigin(request);
  if (rejection !== null) return sendJson(response, 403, { problem: rejection });
  const { pathname, searchParams } = url;
  if (request.method === 'POST') {
    const command = commands[pathname];
    const body = await readBody(request, MAX_BODY_BYTES);
    if (command === undefined) return sendJson(response, 404, { problem: NOT_FOUND });
    if (body === null)
      return sendJson(response, 413, {
        problem: `The request body is longer than ${MAX_BODY_BYTES} bytes.`,
      });
    return sendJson(response, 200, await command(JSON.parse(body.toString('utf8')), searchParams));
  }
  if (pathname === LIVE_PATH) return liveStream.open(response);
  const asset = assets.get(pathname);
  if (asset !== undefined) {
    response.writeHead(200, { 'content-type': asset.type }).end(asset.content);
    return;
  }
  const result = (await queries[pathname]?.(null, searchParams)) ?? null;
  if (result === null) return sendJson(response, 404, { problem: NOT_FOUND });
  sendJson(response, 200, result);
}

function isUserError(error: unknown): error is Error {
  return error instanceof StartError || error instanceof SyntaxError || v.isValiError(error);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}
