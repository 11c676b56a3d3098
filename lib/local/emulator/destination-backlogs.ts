import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  listPaused,
  type PausedDestination,
  removePause,
  storePause,
} from '../../deliveries/paused-destinations.ts';
import { LOCAL_CREDENTIALS } from './create-resources.ts';
import { findDestinationQueues } from './destination-queues.ts';
import type { QueueReaders } from './event-sources.ts';
import type { Services } from './services.ts';
import type { Stack } from './stack.ts';
import { StartError } from './start-error.ts';
import { DELIVERIES_TABLE_ID } from './waiting-deliveries.ts';

/** What is on the queue of a destination. */
export interface DestinationBacklog {
  /** The deliveries that no invocation has: they can be received, or are hidden until their next attempt. */
  readonly waiting: number;
  /** The deliveries that an invocation has. */
  readonly inProgress: number;
  /** When the oldest delivery that waits was put on the queue, in milliseconds since 1970; null for none. */
  readonly oldestSentAtMs: number | null;
  /** When the destination was paused; null when it is not. */
  readonly pausedAt: string | null;
}

/** The queues of the destinations, and which of them are paused. */
export interface DestinationBacklogs {
  /** By the id of the destination. */
  read(): ReadonlyMap<string, DestinationBacklog>;
  /**
   * Stops the deliveries to a destination: its queue is read no more, as with a disabled mapping. A row of
   * the deliveries table says so, as in AWS.
   * @param id the id of the destination
   * @throws StartError (rejects) when the stage has no such destination
   */
  pause(id: string): Promise<void>;
  /** Starts them again, and removes the row. @throws StartError (rejects) as `pause` does */
  resume(id: string): Promise<void>;
  /** Closes the connections. */
  disconnect(): void;
}

/** The dependencies of `createDestinationBacklogs`. */
export interface DestinationBacklogsDeps {
  readonly stack: Pick<Stack, 'functions' | 'queues' | 'tables' | 'region'>;
  readonly services: Pick<Services, 'endpoints' | 'listQueued'>;
  readonly readers: Pick<QueueReaders, 'isBeingProcessed' | 'setPaused'>;
  readonly now: () => number;
}

/** Creates the view of the queues. Destinations whose rows say so are paused from the start. */
export async function createDestinationBacklogs({
  stack,
  services,
  readers,
  now,
}: DestinationBacklogsDeps): Promise<DestinationBacklogs> {
  const queues = findDestinationQueues(stack);
  const tableName = stack.tables.find(({ id }) => id === DELIVERIES_TABLE_ID)?.name;
  const client = new DynamoDBClient({
    endpoint: services.endpoints.dynamoEndpoint,
    region: stack.region,
    credentials: LOCAL_CREDENTIALS,
  });
  const paused = new Map<string, PausedDestination>();
  const setPaused = (id: string, pause: PausedDestination | null): void => {
    const queue = queues.get(id);
    if (queue === undefined) return;
    if (pause === null) paused.delete(id);
    else paused.set(id, pause);
    readers.setPaused(queue.arn, pause !== null);
  };
  const requireTable = (id: string): string => {
    if (queues.has(id) && tableName !== undefined) return tableName;
    throw new StartError(
      `There is no destination ${id} here. Choose one of ${[...queues.keys()].join(', ')}.`,
    );
  };
  if (queues.size > 0 && tableName !== undefined) {
    for (const pause of await listPaused(client, tableName)) setPaused(pause.id, pause);
  }

  const readQueue = (id: string, queueName: string): DestinationBacklog => {
    const messages = services.listQueued(queueName);
    const waiting = messages.filter(({ messageId }) => !readers.isBeingProcessed(messageId));
    return {
      waiting: waiting.length,
      inProgress: messages.length - waiting.length,
      oldestSentAtMs: waiting.reduce<number | null>(
        (oldest, { sentAtMs }) => Math.min(oldest ?? sentAtMs, sentAtMs),
        null,
      ),
      pausedAt: paused.get(id)?.pausedAt ?? null,
    };
  };
  return {
    read: () => new Map([...queues].map(([id, { name }]) => [id, readQueue(id, name)])),
    async pause(id) {
      const pausedAt = new Date(now()).toISOString();
      const table = requireTable(id);
      setPaused(id, await storePause(client, table, { id, pausedAt, reason: null }));
    },
    async resume(id) {
      await removePause(client, requireTable(id), id);
      setPaused(id, null);
    },
    disconnect: () => client.destroy(),
  };
}
