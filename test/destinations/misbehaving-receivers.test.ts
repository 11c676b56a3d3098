import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createHttpDestination } from '../../lib/destinations/http-destination.ts';
import type { DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { rejected } from '../../lib/destinations/response-outcome.ts';
import { aRecord } from '../support/a-record.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';

const TIMEOUT_MS = 1_000;
/** What a busy machine may add. Without a deadline of our own, an attempt would take for ever. */
const SLACK_MS = 600;
const NO_BODY = 'content-length: 0\r\n\r\n';
const GOOD = `HTTP/1.1 204 No Content\r\n\r\n`;

/** Handles the connection of a request that has arrived whole. */
type Misbehaviour = (socket: Socket) => void;

/** Starts a server on a raw socket that misbehaves until it is told to be good. */
async function startReceiver(misbehave: Misbehaviour, isAtOnce: boolean) {
  const state = { isGood: false };
  const server = createServer((socket) => {
    if (isAtOnce && !state.isGood) misbehave(socket);
    socket.on('data', (data) => {
      if (state.isGood) socket.write(GOOD);
      else if (!isAtOnce && data.includes('}')) misbehave(socket);
    });
  });
  return { ...(await listen(server)), state };
}

/** Lets a server listen on loopback until it is disposed of, with all its connections. */
async function listen(server: Server) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    secureUrl: `https://127.0.0.1:${port}/hook`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A server whose thread stands still, and whose queue of connections is full: a further one waits. */
async function startFullReceiver() {
  const worker = new Worker(
    `const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const server = createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true },
  );
  const [port] = (await once(worker, 'message')) as [number];
  const fillers: Socket[] = [];
  for (let isFull = false; !isFull;) {
    const filler = connect(port, '127.0.0.1');
    filler.on('error', () => {});
    fillers.push(filler);
    const full = new Promise((resolve) => setTimeout(() => resolve('full'), 200));
    isFull = (await Promise.race([once(filler, 'connect'), full])) === 'full';
  }
  return {
    url: `http://127.0.0.1:${port}/hook`,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

/** Writes a text again and again, until the connection closes. */
const repeat =
  (first: string, text: string, everyMs = 5): Misbehaviour =>
  (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(text), everyMs);
    socket.on('close', () => clearInterval(timer));
  };
const write =
  (text: string): Misbehaviour =>
  (socket) =>
    void socket.write(text);
const writeAndEnd =
  (text: string): Misbehaviour =>
  (socket) =>
    void socket.end(text);
const writeAndReset =
  (text: string): Misbehaviour =>
  (socket) => {
    socket.write(text);
    setTimeout(() => socket.resetAndDestroy(), 10);
  };

const delivered = { kind: 'delivered' };
const timedOut = { kind: 'retry', reason: 'timeout', maybeDelivered: true };
const noResponse = { kind: 'retry', reason: 'no_response' };
const status = (kind: 'retry' | 'rejected', code: number) => ({
  kind,
  reason: 'http_status',
  status: code,
});

const UPGRADE =
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
const LONG_BODY = 'x'.repeat(100_000);

const CASES: readonly (readonly [string, Misbehaviour, object])[] = [
  ['never responds', () => {}, timedOut],
  ['responds 101 and upgrades', write(UPGRADE), status('rejected', 101)],
  ['responds 101 and ends', writeAndEnd(UPGRADE), status('rejected', 101)],
  [
    'responds 101 without an upgrade',
    write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    status('rejected', 101),
  ],
  ['sends 100 for ever', repeat('', 'HTTP/1.1 100 Continue\r\n\r\n'), timedOut],
  ['sends 102 for ever', repeat('', 'HTTP/1.1 102 Processing\r\n\r\n'), timedOut],
  ['sends 103 for ever', repeat('', 'HTTP/1.1 103 Early Hints\r\n\r\n'), timedOut],
  ['sends 100, then 204', write(`HTTP/1.1 100 Continue\r\n\r\n${GOOD}`), delivered],
  ['ends in the status line', writeAndEnd('HTTP/1.1 20'), noResponse],
  ['stops in the status line', write('HTTP/1.1 20'), timedOut],
  ['sends the status line byte by byte, for ever', repeat('', 'H', 50), noResponse],
  ['stops in a header', write('HTTP/1.1 200 OK\r\ncontent-le'), timedOut],
  ['ends in a header', writeAndEnd('HTTP/1.1 200 OK\r\ncontent-le'), noResponse],
  ['sends headers for ever, slowly', repeat('HTTP/1.1 200 OK\r\n', 'a: b\r\n', 20), timedOut],
  [
    'sends more headers than fit',
    repeat('HTTP/1.1 200 OK\r\n', `a: ${'b'.repeat(9_000)}\r\n`),
    noResponse,
  ],
  ['closes the connection', (socket) => void socket.end(), noResponse],
  ['resets the connection', (socket) => void socket.resetAndDestroy(), noResponse],
  ['resets in the status line', writeAndReset('HTTP/1.1 2'), noResponse],
  ['resets in a header', writeAndReset('HTTP/1.1 204 No Content\r\na: '), noResponse],
  [
    'resets in the body of a 2xx',
    writeAndReset('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    delivered,
  ],
  ['never ends the body of a 2xx', repeat('HTTP/1.1 200 OK\r\n\r\n', 'x'), delivered],
  [
    'never ends the chunks of a 2xx',
    repeat('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'),
    delivered,
  ],
  [
    'never begins the body of a 2xx',
    write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'),
    delivered,
  ],
  [
    'announces more than it sends with a 2xx',
    writeAndEnd('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    delivered,
  ],
  [
    'sends more than it announced with a 2xx',
    write(`HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n${LONG_BODY}`),
    delivered,
  ],
  [
    'sends a broken chunk with a 2xx',
    write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    delivered,
  ],
  [
    'sends trailers for ever with a 2xx',
    repeat('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n', 'a: b\r\n', 20),
    delivered,
  ],
  [
    'never ends the body of a 4xx',
    repeat('HTTP/1.1 422 Unprocessable\r\n\r\n', 'x', 20),
    status('rejected', 422),
  ],
  [
    'never begins the body of a 4xx',
    write('HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\n'),
    status('rejected', 404),
  ],
  [
    'sends a very long body with a 4xx',
    write(`HTTP/1.1 400 Bad Request\r\ncontent-length: 100000\r\n\r\n${LONG_BODY}`),
    status('rejected', 400),
  ],
  [
    'announces more than it sends with a 5xx',
    writeAndEnd('HTTP/1.1 503 Unavailable\r\ncontent-length: 9\r\n\r\nabc'),
    status('retry', 503),
  ],
  [
    'never ends the body of a 5xx',
    repeat('HTTP/1.1 500 Error\r\n\r\n', 'x', 20),
    status('retry', 500),
  ],
  [
    'resets in the body of a 5xx',
    writeAndReset('HTTP/1.1 500 Error\r\ncontent-length: 9\r\n\r\nabc'),
    status('retry', 500),
  ],
  ['responds with something else', writeAndEnd('SSH-2.0-OpenSSH_9.9\r\n'), noResponse],
  [
    'responds with a status beyond 599',
    write(`HTTP/1.1 799 Odd\r\n${NO_BODY}`),
    status('retry', 799),
  ],
  [
    'redirects',
    write(`HTTP/1.1 302 Found\r\nlocation: /other\r\n${NO_BODY}`),
    status('rejected', 302),
  ],
];

/** With an `outcome`, the body of a 2xx decides: one that is not whole is no response. */
const BODY_CASES: readonly (readonly [string, Misbehaviour, object])[] = [
  [
    'ends the body of a 2xx',
    write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
    { kind: 'rejected', detail: '2 {}' },
  ],
  ['sends a 2xx without a body', write(GOOD), { kind: 'rejected', detail: '0 ' }],
  [
    'ends the body of a 2xx with its connection',
    writeAndEnd('HTTP/1.1 200 OK\r\n\r\n{}'),
    { kind: 'rejected', detail: '2 {}' },
  ],
  ['never ends the body of a 2xx', repeat('HTTP/1.1 200 OK\r\n\r\n', 'x', 20), timedOut],
  [
    'never begins the body of a 2xx',
    write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'),
    timedOut,
  ],
  [
    'announces more than it sends with a 2xx',
    writeAndEnd('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    { ...noResponse, maybeDelivered: true },
  ],
  [
    'resets in the body of a 2xx',
    writeAndReset('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    { ...noResponse, maybeDelivered: true },
  ],
  [
    'sends a broken chunk with a 2xx',
    write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    { ...noResponse, maybeDelivered: true },
  ],
  [
    'sends a very long body with a 2xx',
    write(`HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n${LONG_BODY}`),
    { kind: 'rejected', detail: '65536 xx' },
  ],
  [
    'never ends the body of a 4xx',
    repeat('HTTP/1.1 422 Unprocessable\r\n\r\nxx', 'x', 20),
    { kind: 'rejected', status: 422 },
  ],
  ['responds 101 and upgrades', write(UPGRADE), { kind: 'rejected', detail: '0 ' }],
];

/** What a server of TLS can do before there is a request. */
const TLS_CASES: readonly (readonly [string, Misbehaviour, object])[] = [
  ['never begins the handshake', () => {}, timedOut],
  // the header of a handshake message of 122 bytes, and no more
  ['stops in the handshake', (socket) => void socket.write('\x16\x03\x03\x00\x7a'), timedOut],
  ['drips through the handshake', repeat('\x16\x03\x03\x3f\xff', '\x00', 20), timedOut],
  ['sends something else', writeAndEnd('HTTP/1.1 400 Bad Request\r\n\r\n'), noResponse],
  ['closes in the handshake', (socket) => void socket.end(), noResponse],
  ['resets in the handshake', (socket) => void socket.resetAndDestroy(), noResponse],
  [
    'sends an alert',
    (socket) => void socket.end(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28])),
    noResponse,
  ],
];

const EARLY_CASES: readonly (readonly [string, Misbehaviour, object])[] = [
  ['responds before it has the request', write(GOOD), delivered],
  ['closes before it has the request', (socket) => void socket.end(), noResponse],
  ['resets before it has the request', (socket) => void socket.resetAndDestroy(), noResponse],
];

async function deliver(
  destination: ReturnType<typeof createHttpDestination>,
): Promise<[DeliveryOutcome, number]> {
  const startedAt = performance.now();
  const outcome = await destination.deliver(aRecord(), {
    now: new Date(),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return [outcome, performance.now() - startedAt];
}

describe.concurrent('a receiver that', () => {
  it.each(CASES)(
    '%s gets its outcome in time, and the next delivery succeeds',
    async (_what, misbehave, expected) => {
      await using receiver = await startReceiver(misbehave, false);
      const { url, state } = receiver;
      const destination = createHttpDestination({ name: 'crm', url, timeoutMs: TIMEOUT_MS });

      const [outcome, ms] = await deliver(destination);
      expect(outcome).toMatchObject(expected);
      // a 2xx is complete with its headers, whatever becomes of the body
      expect(ms).toBeLessThan(expected === delivered ? TIMEOUT_MS : TIMEOUT_MS + SLACK_MS);

      state.isGood = true;
      const [next] = await deliver(destination);
      expect(next).toMatchObject(delivered);
    },
  );

  it.each(EARLY_CASES)('%s gets its outcome in time', async (_what, misbehave, expected) => {
    await using receiver = await startReceiver(misbehave, true);
    const { url } = receiver;
    const [outcome, ms] = await deliver(
      createHttpDestination({ name: 'crm', url, timeoutMs: TIMEOUT_MS }),
    );
    expect(outcome).toMatchObject(expected);
    expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });

  it.each(BODY_CASES)(
    '%s gets its outcome in time when the body decides, and the next delivery succeeds',
    async (_what, misbehave, expected) => {
      await using receiver = await startReceiver(misbehave, false);
      const { url, state } = receiver;
      const destination = createHttpDestination({
        name: 'crm',
        url,
        timeoutMs: TIMEOUT_MS,
        outcome: ({ body }) =>
          state.isGood ? undefined : rejected(`${body.length} ${body.slice(0, 2)}`),
      });
      const [outcome, ms] = await deliver(destination);
      expect(outcome).toMatchObject(expected);
      expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);

      state.isGood = true;
      const [next] = await deliver(destination);
      expect(next).toMatchObject(delivered);
    },
  );

  it.each(TLS_CASES)('%s of TLS gets its outcome in time', async (_what, misbehave, expected) => {
    await using receiver = await listen(
      createServer((socket) => {
        socket.on('data', () => {});
        socket.once('data', () => misbehave(socket));
      }),
    );
    const [outcome, ms] = await deliver(
      createHttpDestination({ name: 'crm', url: receiver.secureUrl }),
    );
    expect(outcome).toMatchObject({ ...expected, maybeDelivered: false });
    expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });

  it('has a certificate that is not trusted gets no request', async () => {
    let requests = 0;
    await using receiver = await listen(
      createTlsServer(SELF_SIGNED, (_request, response) => {
        requests += 1;
        response.end();
      }),
    );
    const [outcome] = await deliver(
      createHttpDestination({ name: 'crm', url: receiver.secureUrl }),
    );
    expect(outcome).toMatchObject({ ...noResponse, maybeDelivered: false });
    expect(requests).toBe(0);
  });

  it('accepts no connection gets its outcome in time', async () => {
    await using receiver = await startFullReceiver();
    const [outcome, ms] = await deliver(createHttpDestination({ name: 'crm', url: receiver.url }));
    expect(outcome).toMatchObject({ ...timedOut, maybeDelivered: false });
    expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });
});
