import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { recordIdOf } from './delivered-requests.ts';
import { consume } from './queue-consumer.ts';
import { LOCAL_CREDENTIALS } from './create-resources.ts';
import type { Functions } from './functions.ts';
import { startEventSource } from './lambda/event-source.ts';
import { createSourceQueue, type SourceQueue } from './lambda/source-queue.ts';
import { queueUrl } from './local-addresses.ts';
import type { PipelineObserver } from './observer.ts';
import { queueById, type Stack } from './stack.ts';

/** What decides how queues are read. */
export interface ReaderSettings {
  readonly sqsEndpoint: string;
  /** The most batches of one queue at once: a machine has fewer places than Lambda. */
  readonly concurrency: number;
  /** Queues that are read as their consumers would, by the name that arrivals get: logical ids. */
  readonly consumers: Readonly<Record<string, string>>;
}

/** Everything that reads queues. */
export interface QueueReaders {
  /** Takes nothing more; resolves when what was taken for functions is settled. */
  stop(): Promise<void>;
  /** Ends the connections. */
  disconnect(): void;
}

/** How many batches Lambda works on at once when serverless.yml says nothing and the load is small. */
const USUAL_CONCURRENCY = 5;

/**
 * Starts Lambda's reader of every queue that a function reads, and the consumers of others.
 * @throws StartError when serverless.yml does not declare a consumer's queue
 */
export function startQueueReaders(
  stack: Stack,
  functions: Functions,
  settings: ReaderSettings,
  observer: PipelineObserver,
): QueueReaders {
  const client = new SQSClient({
    endpoint: settings.sqsEndpoint,
    region: stack.region,
    credentials: LOCAL_CREDENTIALS,
  });
  const queueOf = (arn: string): SourceQueue => {
    const url = queueUrl(settings.sqsEndpoint, arn.split(':').at(-1) ?? '');
    return createSourceQueue(client, url, arn, stack.region);
  };

  const consumed = Object.entries(settings.consumers).map(
    ([destination, id]) => [destination, queueOf(queueById(stack, id).arn)] as const,
  );
  const sources = stack.functions.flatMap(({ name, events }) =>
    events.sources.flatMap((source) => {
      const lambda = functions.get(name);
      if (lambda === undefined) return [];
      const deps = {
        queue: queueOf(source.queueArn),
        invoke: (event: SQSEvent) => lambda.invoke(event),
        onTrouble: (text: string) => observer.onTrouble?.(`${name}: ${text}`),
      };
      const wanted = source.maximumConcurrency ?? USUAL_CONCURRENCY;
      return [startEventSource(deps, source, Math.min(wanted, settings.concurrency))];
    }),
  );

  const stopped = new AbortController();
  for (const [destination, queue] of consumed) {
    void consume(
      queue,
      ({ body }) =>
        observer.onArrival?.({
          destination,
          recordId: recordIdOf(body),
          body,
          receivedAt: new Date(),
        }),
      stopped.signal,
    );
  }
  return {
    async stop() {
      stopped.abort();
      await Promise.all(sources.map((source) => source.stop()));
    },
    disconnect: () => client.destroy(),
  };
}
