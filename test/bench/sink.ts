import { createServer, type Socket } from 'node:net';
import { type Listening, startListening } from './listening.ts';

const ANSWER = 'HTTP/1.1 204 No Content\r\n\r\n';
const END_OF_HEADERS = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/** A receiver of deliveries. Paths that begin with `/hang` are never answered. */
export interface Sink extends Listening {
  /** How long it takes to answer, from now on. */
  answerAfter(ms: number): void;
}

/**
 * Speaks just enough HTTP to be faster than what is measured against it: it reads a request to its end
 * and answers 204.
 */
export async function startSink(): Promise<Sink> {
  let afterMs = 0;
  const answer = (socket: Socket, head: string): void => {
    if (head.startsWith('POST /hang')) return;
    if (afterMs === 0) socket.write(ANSWER);
    else setTimeout(() => socket.write(ANSWER), afterMs);
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
        answer(socket, head);
      }
    });
  });
  return {
    ...(await startListening(server)),
    answerAfter(ms) {
      afterMs = ms;
    },
  };
}
