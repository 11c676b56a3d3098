import type { Destination } from './destination.ts';
import { ConfigError } from '../platform/config.ts';

/** Names stand in queue messages, in the ledger's keys and as group ids of SQS. */
const DESTINATION_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** What fits well into the 30 seconds that serverless.yml gives the function, whatever came before. */
const MAX_TIMEOUT_MS = 20_000;

/**
 * Refuses a list of destinations that could not work.
 * @throws ConfigError listing every fault
 */
export function checkDestinations(destinations: readonly Destination[]): void {
  const names = destinations.map(({ name }) => name);
  const faults = destinations.flatMap(({ name, timeoutMs, concurrency }, index) =>
    [
      ...(DESTINATION_NAME.test(name)
        ? []
        : ['is not a name of small letters, digits and hyphens']),
      ...(names.indexOf(name) === index ? [] : ['is the name of two destinations']),
      ...(timeoutMs > 0 ? [] : ['has a time limit that is not above 0']),
      ...(timeoutMs <= MAX_TIMEOUT_MS ? [] : [`has a time limit above ${MAX_TIMEOUT_MS} ms`]),
      ...(concurrency >= 1 ? [] : ['has a concurrency below 1']),
    ].map((fault) => `  '${name}' ${fault}`),
  );
  if (faults.length === 0) return;
  throw new ConfigError(
    ['The destinations have faults:', ...faults, 'Mend functions/destinations.ts.'].join('\n'),
  );
}
