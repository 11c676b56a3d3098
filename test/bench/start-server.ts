import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** A server on loopback. */
export interface TestServer {
  readonly endpoint: string;
  readonly stop: () => void;
}

/** Starts a server on a free port of loopback. */
export async function startServer(server: Server): Promise<TestServer> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
