import { createServer, type Socket } from 'node:net';
import { type TestServer, startServer } from './start-server.ts';

const RESPONSE = 'HTTP/1.1 204 No Content\r\n\r\n';
const END_OF_HEADERS = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/** An HTTP receiver of deliveries. A request to a path that begins with `/hang` gets no response. */
export interface MockReceiver extends TestServer {
  /** Sets the delay of all further responses. */
  setResponseDelay(ms: number): void;
}

/**
 * Starts a receiver that reads each request to its end and responds 204. It implements just enough HTTP
 * to cost less than the client that is measured with it.
 */
export async function startMockReceiver(): Promise<MockReceiver> {
  let delayMs = 0;
  const respond = (socket: Socket, head: string): void => {
    if (head.startsWith('POST /hang')) return;
    if (delayMs === 0) socket.write(RESPONSE);
    else setTimeout(() => socket.write(RESPONSE), delayMs);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (part: string) => {
      text += part;
      for (;;) {
        const headers = text.indexOf(END_OF_HEADERS);
        if (headers < 0) return;
        const head = text.slice(0, headers);
        const end = headers + END_OF_HEADERS.length + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
        if (text.length < end) return;
        text = text.slice(end);
        respond(socket, head);
      }
    });
  });
  return {
    ...(await startServer(server)),
    setResponseDelay(ms) {
      delayMs = ms;
    },
  };
}
