import { ConfigError } from '../platform/config.ts';
import type { Need } from './declaration.ts';
import type { Destination } from './destination.ts';
import {
  type Batch,
  type Limit,
  MAX_BATCH_SIZE,
  MAX_WINDOW_SECONDS,
  MIN_CONCURRENCY,
} from './queue-settings.ts';

/** What is checked of a declaration, and of the destination that it creates. */
export type CheckedDestination = Pick<
  Destination,
  'name' | 'id' | 'timeoutMs' | 'limit' | 'batch'
> & {
  readonly needs?: readonly Need[];
  readonly faults?: readonly string[];
};

/** Names are part of queue names, of queue messages and of the keys of rows. */
const DESTINATION_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const NOT_A_NAME =
  'is not 1 to 40 lowercase letters, digits and hyphens that begin with a letter or a digit: choose another';

/** Leaves room for the rest of an invocation in the time that serverless.yml gives the function. */
const MAX_TIMEOUT_MS = 20_000;

/** Variables that fanOut has for itself, or that would change its clients. */
const OWN_VARIABLES: ReadonlySet<string> = new Set([
  'DEAD_LETTERS_QUEUE_URL',
  'DESTINATION_QUEUES_URL',
  'AWS_ENDPOINT_URL',
]);

/**
 * Checks names, timeouts, limits, batches and environment variables of a list of destinations, declared or created.
 * @throws ConfigError that lists every fault, and how to fix it
 */
export function checkDestinations(destinations: readonly CheckedDestination[]): void {
  const faults = destinations.flatMap((destination, index) => {
    const before = destinations.slice(0, index);
    return [
      ...findNameFaults(destination, before),
      ...findTimeoutFaults(destination),
      ...findLimitFaults(destination.limit),
      ...findBatchFaults(destination.batch),
      ...(destination.faults ?? []),
      ...findVariableFaults(destination, before),
    ].map((fault) => `  '${destination.name}' ${fault}`);
  });
  if (faults.length === 0) return;
  throw new ConfigError(
    [
      'The destinations are invalid:',
      ...faults,
      'Fix them in functions/destinations.ts or the files that it lists.',
    ].join('\n'),
  );
}

function findNameFaults(
  { name, id }: CheckedDestination,
  before: readonly CheckedDestination[],
): readonly string[] {
  const taken = new Set(before.flatMap((other) => [other.name, other.id]));
  const faults = DESTINATION_NAME.test(name) ? [] : [NOT_A_NAME];
  if (taken.has(name)) {
    faults.push('is the name, now or formerly, of two destinations: rename one of them');
  }
  if (id === name) return faults;
  if (!DESTINATION_NAME.test(id)) faults.push(`was formerly '${id}', which ${NOT_A_NAME}`);
  if (taken.has(id)) {
    faults.push(`was formerly '${id}', which is another destination's name: rename one of them`);
  }
  return faults;
}

function findTimeoutFaults({ timeoutMs }: CheckedDestination): readonly string[] {
  if (!(timeoutMs > 0)) return ['has a timeoutMs that is not above 0: choose 1 to 20000'];
  return timeoutMs <= MAX_TIMEOUT_MS
    ? []
    : [`has a timeoutMs above ${MAX_TIMEOUT_MS}: choose ${MAX_TIMEOUT_MS} at most`];
}

function findLimitFaults({ perSecond, perMinute, concurrency }: Limit): readonly string[] {
  const faults = Object.entries({ perSecond, perMinute })
    .filter(([, rate]) => rate !== null && !(rate > 0 && Number.isFinite(rate)))
    .map(
      ([key]) =>
        `has a limit.${key} that is not a number above 0: leave it out if the receiver has none`,
    );
  const isValidConcurrency =
    concurrency === null || (Number.isInteger(concurrency) && concurrency >= MIN_CONCURRENCY);
  return isValidConcurrency
    ? faults
    : [
        ...faults,
        `has a limit.concurrency that is not a whole number of at least ${MIN_CONCURRENCY}: Lambda accepts no smaller cap`,
      ];
}

function findBatchFaults({ size, windowSeconds }: Batch): readonly string[] {
  const faults = isWholeNumber(size, 1, MAX_BATCH_SIZE)
    ? []
    : [`has a batch.size that is not a whole number from 1 to ${MAX_BATCH_SIZE}`];
  return isWholeNumber(windowSeconds, 0, MAX_WINDOW_SECONDS)
    ? faults
    : [
        ...faults,
        `has a batch.windowSeconds that is not a whole number from 0 to ${MAX_WINDOW_SECONDS}`,
      ];
}

function isWholeNumber(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function findVariableFaults(
  { needs = [] }: CheckedDestination,
  before: readonly CheckedDestination[],
): readonly string[] {
  const taken = new Set(
    before.flatMap((other) => (other.needs ?? []).map(({ variable }) => variable)),
  );
  return needs
    .filter(({ variable }) => taken.has(variable) || OWN_VARIABLES.has(variable))
    .map(({ variable }) => `needs the variable ${variable}, which is in use already: rename it`);
}
