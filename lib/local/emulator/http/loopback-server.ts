import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { StartError } from '../start-error.ts';

/** An HTTP server that only this machine can reach. */
export interface LoopbackServer {
  readonly endpoint: string;
  readonly port: number;
  /** Accepts no further request and closes every connection. Can be called again. */
  stop(): Promise<void>;
}

/** The address of the loopback interface. */
export const LOOPBACK = '127.0.0.1';
/** API Gateway's limit for the request line and all headers together. */
const MAX_HEADER_BYTES = 10_240;

/**
 * Starts an HTTP server on the loopback interface.
 * @param port 0 for any free port
 * @throws StartError when the port is in use
 */
export async function startLoopbackServer(
  port: number,
  listener: RequestListener,
): Promise<LoopbackServer> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, listener);
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new StartError(`Port ${port} is in use. Choose another port with --port.`);
    }
    throw error;
  }
  const boundPort = getPort(server);
  return {
    endpoint: `http://${LOOPBACK}:${boundPort}`,
    port: boundPort,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Returns the port of a listening server. */
export function getPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
