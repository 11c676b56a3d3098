import { QUEUE_URL_PREFIX } from './local-addresses.ts';
import type { QueueDescription } from './serverless-config/queues.ts';
import type { Stack } from './stack.ts';

/** The environment variable of fanOut with the URL that the queues of all destinations begin with. */
const VARIABLE = 'DESTINATION_QUEUES_URL';

/**
 * Finds the queues of the destinations.
 * @returns the queues by the id of their destination; none when no function delivers
 */
export function findDestinationQueues(
  stack: Pick<Stack, 'functions' | 'queues'>,
): ReadonlyMap<string, QueueDescription> {
  const url = stack.functions.map(({ environment }) => environment[VARIABLE]).find(Boolean);
  if (url?.startsWith(QUEUE_URL_PREFIX) !== true) return new Map();
  const prefix = url.slice(QUEUE_URL_PREFIX.length);
  return new Map(
    stack.queues
      .filter(({ name }) => name.startsWith(prefix))
      .map((queue) => [queue.name.slice(prefix.length), queue]),
  );
}
