import { setTimeout as wait } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { parseRecordId } from './delivered-requests.ts';
import { LOCAL_CREDENTIALS } from './create-resources.ts';
import type { Functions } from './functions.ts';
import { startEventSource } from './lambda/event-source.ts';
import { getQueueConcurrency, type LocalConcurrency } from './local-concurrency.ts';
import { createSourceQueue, MAX_BATCH_ENTRIES, type SourceQueue } from './lambda/source-queue.ts';
import { buildQueueUrl } from './local-addresses.ts';
import type { LocalPipelineObserver } from './observer.ts';
import { getQueueById, type Stack } from './stack.ts';

/** How queues are read. */
export interface QueueReaderSettings {
  readonly sqsEndpoint: string;
  readonly concurrency: LocalConcurrency;
  /** Queues that are read in place of the merchant's consumers: logical ids, by destination name. */
  readonly consumers: Readonly<Record<string, string>>;
}

/** The readers of all queues. */
export interface QueueReaders {
  /** Whether a message is in a batch that is collected for a function, or that it has. */
  isBeingProcessed(messageId: string): boolean;
  /** Pauses or resumes the event source of a queue, as disabling and enabling its mapping does. */
  setPaused(queueArn: string, isPaused: boolean): void;
  /** Lets batching windows that begin from now on end sooner; 1 for real time. */
  setSpeed(speed: number): void;
  /** Stops receiving; resolves when every batch that was received for a function is processed. */
  stop(): Promise<void>;
  /** Closes the connections. */
  disconnect(): void;
}

const LONG_POLL_SECONDS = 20;
const PAUSE_AFTER_ERROR_MS = 200;

/**
 * Starts an event source for every queue that a function reads, and a consumer for each queue of
 * `settings.consumers`.
 * @throws StartError when serverless.yml does not declare a consumer's queue
 */
export function startQueueReaders(
  stack: Stack,
  functions: Functions,
  settings: QueueReaderSettings,
  observer: LocalPipelineObserver,
): QueueReaders {
  const client = new SQSClient({
    endpoint: settings.sqsEndpoint,
    region: stack.region,
    credentials: LOCAL_CREDENTIALS,
    // each queue keeps one connection busy with its long poll, and the SDK opens 50 only
    requestHandler: { httpAgent: { maxSockets: Infinity } },
  });
  const openQueue = (arn: string): SourceQueue => {
    const url = buildQueueUrl(settings.sqsEndpoint, arn.split(':').at(-1) ?? '');
    return createSourceQueue(client, url, arn, stack.region);
  };

  const consumedQueues = Object.entries(settings.consumers).map(
    ([destination, id]) => [destination, openQueue(getQueueById(stack, id).arn)] as const,
  );
  let speed = 1;
  const sources = stack.functions.flatMap(({ name, events }) =>
    events.sources.flatMap((source) => {
      const lambda = functions.get(name);
      if (lambda === undefined) return [];
      const deps = {
        queue: openQueue(source.queueArn),
        invoke: (event: SQSEvent) => lambda.invoke(event),
        onError: (text: string) => observer.onError?.(`${name}: ${text}`),
        speed: () => speed,
      };
      const concurrency = getQueueConcurrency(source, settings.concurrency);
      return [[source.queueArn, startEventSource(deps, source, concurrency)] as const];
    }),
  );

  const stopped = new AbortController();
  for (const [destination, queue] of consumedQueues) {
    void consume(
      queue,
      ({ body }) =>
        observer.onRequestDelivered?.({
          destination,
          recordId: parseRecordId(body),
          body,
          receivedAt: new Date(),
        }),
      stopped.signal,
    );
  }
  return {
    isBeingProcessed: (messageId) =>
      sources.some(([, source]) => source.isBeingProcessed(messageId)),
    setPaused(queueArn, isPaused) {
      for (const [arn, source] of sources) if (arn === queueArn) source.setPaused(isPaused);
    },
    setSpeed(newSpeed) {
      speed = newSpeed;
    },
    async stop() {
      stopped.abort();
      await Promise.all(sources.map(([, source]) => source.stop()));
    },
    disconnect: () => client.destroy(),
  };
}

/**
 * Reads a queue in place of the merchant's consumer: passes on each message, then deletes it.
 * @param stopped ends the reading; the messages of a receive that is still open stay on the queue
 */
async function consume(
  queue: SourceQueue,
  onMessage: (message: SQSRecord) => void,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    try {
      const messages = await queue.receive(MAX_BATCH_ENTRIES, LONG_POLL_SECONDS);
      for (const message of messages) onMessage(message);
      await queue.delete(messages);
    } catch {
      // as any consumer does, it tries again when the queue does not respond
      await wait(PAUSE_AFTER_ERROR_MS);
    }
  }
}
