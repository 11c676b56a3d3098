import { Socket as UdpSocket } from 'node:dgram';
import dns from 'node:dns';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

// Run by load-check.ts in a process of its own: loads a bundle as Lambda does when it starts a function,
// without network. Exits with 0 when the bundle has its handler, else with 1 and the reason on stderr.

class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

function rejectNetwork(): never {
  throw new NetworkError('A function must not use the network while it is loaded');
}

Socket.prototype.connect = rejectNetwork;
UdpSocket.prototype.send = rejectNetwork;
UdpSocket.prototype.connect = rejectNetwork;
Object.assign(dns, { lookup: rejectNetwork, resolve: rejectNetwork });
syncBuiltinESMExports();

const [, , file = '', handlerName = ''] = process.argv;
try {
  const bundle: unknown = createRequire(import.meta.url)(file);
  const isFunction =
    typeof bundle === 'object' &&
    bundle !== null &&
    typeof Object.getOwnPropertyDescriptor(bundle, handlerName) === 'object' &&
    typeof Reflect.get(bundle, handlerName) === 'function';
  if (!isFunction) throw new TypeError(`The bundle has no function ${handlerName}`);
} catch (error) {
  process.stderr.write(
    error instanceof Error ? `${error.name}: ${error.message}` : 'A value was thrown',
  );
  process.exitCode = 1;
}
// what the bundle has started, such as a timer, must not keep this process
process.exit();
