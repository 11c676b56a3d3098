import type { DeclaredEvents, QueueSource } from './serverless-config/events.ts';

/** How many invocations this machine makes at once: it has less capacity than Lambda. */
export interface LocalConcurrency {
  /** The most for the requests to a function. */
  readonly requests: number;
  /** The most for one queue, if its mapping has no lower maximum. */
  readonly perQueue: number;
}

/** How many batches Lambda processes at once at a small load, when serverless.yml sets no maximum. */
const DEFAULT_CONCURRENCY = 5;
const MAX_REQUESTS = 10;
const MAX_PER_QUEUE = 4;
/** The smallest maximum that Lambda accepts for a mapping; the pace of a destination counts on it. */
const MIN_CONCURRENCY = 2;

/**
 * Chooses by the number of cores: more threads at work would slow down the emulators, which need the
 * cores too. A queue has two invocations at least, because most of them wait.
 */
export function chooseConcurrency(cores: number): LocalConcurrency {
  const limit = (max: number): number => Math.min(max, Math.max(MIN_CONCURRENCY, cores));
  return { requests: limit(MAX_REQUESTS), perQueue: limit(MAX_PER_QUEUE) };
}

/** Returns how many batches of a queue are processed at once. */
export function getQueueConcurrency(source: QueueSource, { perQueue }: LocalConcurrency): number {
  return Math.min(source.maximumConcurrency ?? DEFAULT_CONCURRENCY, perQueue);
}

/**
 * Returns how many execution environments a function may have: one for each batch that its queues
 * process at once, so that no queue waits for the invocations of another, and those for requests.
 */
export function countEnvironments(
  { routes, sources }: DeclaredEvents,
  concurrency: LocalConcurrency,
): number {
  const forQueues = sources.reduce((sum, each) => sum + getQueueConcurrency(each, concurrency), 0);
  return forQueues + (routes.length > 0 || sources.length === 0 ? concurrency.requests : 0);
}
