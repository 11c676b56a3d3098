import type { Destination } from './destination.ts';
import { ConfigError } from '../platform/config.ts';

/** Names are part of queue messages, of rows of deliveries and of SQS group ids. */
const DESTINATION_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Leaves room for the rest of an invocation in the 30 seconds that serverless.yml gives the function. */
const MAX_TIMEOUT_MS = 20_000;

/**
 * Checks names, timeouts and concurrency of a list of destinations.
 * @throws ConfigError that lists every fault
 */
export function checkDestinations(destinations: readonly Destination[]): void {
  const names = destinations.map(({ name }) => name);
  const faults = destinations.flatMap(({ name, timeoutMs, concurrency }, index) =>
    [
      ...(DESTINATION_NAME.test(name)
        ? []
        : ['is not 1 to 64 lowercase letters, digits and hyphens']),
      ...(names.indexOf(name) === index ? [] : ['is the name of two destinations']),
      ...(timeoutMs > 0 ? [] : ['has a timeoutMs that is not above 0']),
      ...(timeoutMs <= MAX_TIMEOUT_MS ? [] : [`has a timeoutMs above ${MAX_TIMEOUT_MS}`]),
      ...(Number.isInteger(concurrency) && concurrency >= 1
        ? []
        : ['has a concurrency that is not a whole number above 0']),
    ].map((fault) => `  '${name}' ${fault}`),
  );
  if (faults.length === 0) return;
  throw new ConfigError(
    ['The destinations are invalid:', ...faults, 'Fix them in functions/destinations.ts.'].join(
      '\n',
    ),
  );
}
