import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that the receiver got. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** Handles the n-th request, from 0. */
export type Behaviour = (request: Received, response: ServerResponse, n: number) => void;

/** An HTTP receiver on the loopback interface that stores its requests. */
export interface HttpReceiver {
  readonly url: string;
  readonly received: Received[];
  /** How many connections were opened. */
  connections(): number;
  readonly stop: () => Promise<void>;
}

/** Responds with a status and, optionally, headers and a body. */
export function respondWith(
  status: number,
  headers: { [name: string]: string } = {},
  body = '',
): Behaviour {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}

/** Never responds. */
export const neverRespond: Behaviour = () => {};

/** Starts a receiver; by default it responds with 204. */
export async function startReceiver(behave: Behaviour = respondWith(204)): Promise<HttpReceiver> {
  const received: Received[] = [];
  let opened = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const one = await readRequest(request);
      behave(one, response, received.push(one) - 1);
    })();
  });
  server.on('connection', () => {
    opened += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    connections: () => opened,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const { method = '', url: path = '' } = request;
  return { method, path, headers, body: await text(request) };
}
