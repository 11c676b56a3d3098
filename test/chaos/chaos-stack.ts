import {
  LOCAL_ACCOUNT,
  SINK_ADDRESS_PREFIX,
  QUEUE_ADDRESS_PREFIX,
} from '../../lib/local/emulator/local-addresses.ts';
import type { FunctionDescription } from '../../lib/local/emulator/serverless-config/functions.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';

/** How a stack is changed for a run. */
export interface ChaosSettings {
  /** Where the functions find SQS and DynamoDB; null leaves them at the emulators. */
  readonly sqsEndpoint: string | null;
  readonly dynamoEndpoint: string | null;
  readonly scheduleDivisor: number;
  readonly timeLimitMs: number;
  /** How long fanOut may run, and after what time a message that it did not finish is seen again. */
  readonly timeoutSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  /** How many batches of [records], and of [retries], are worked on at once. */
  readonly recordsConcurrency: number;
  readonly retriesConcurrency: number;
}

const READ_BY_FAN_OUT = new Set(['RecordsQueue', 'RetriesQueue']);

/**
 * The stack of serverless.yml as a run needs it: fanOut with the cast as its destinations, shorter
 * times, and the functions' requests led through the edges.
 */
export function chaosStack(stack: Stack, settings: ChaosSettings): Stack {
  const visible = String(settings.visibilityTimeoutSeconds);
  return {
    ...stack,
    functions: stack.functions
      .filter(({ name }) => name === 'receive' || name === 'fanOut')
      .map((each) =>
        throughEdges(each.name === 'fanOut' ? withCast(each, settings) : each, settings),
      ),
    queues: stack.queues.map((queue) =>
      READ_BY_FAN_OUT.has(queue.id)
        ? { ...queue, attributes: { ...queue.attributes, VisibilityTimeout: visible } }
        : queue,
    ),
  };
}

function withCast(fanOut: FunctionDescription, settings: ChaosSettings): FunctionDescription {
  const { recordsConcurrency, retriesConcurrency } = settings;
  return {
    ...fanOut,
    module: 'test/chaos/fan-out',
    timeoutSeconds: settings.timeoutSeconds,
    environment: {
      ...fanOut.environment,
      SINKS_URL: SINK_ADDRESS_PREFIX,
      SCHEDULE_DIVISOR: String(settings.scheduleDivisor),
      TIME_LIMIT_MS: String(settings.timeLimitMs),
    },
    events: {
      ...fanOut.events,
      sources: fanOut.events.sources.map((source) => ({
        ...source,
        maximumConcurrency: source.queueArn.endsWith('-retries')
          ? retriesConcurrency
          : recordsConcurrency,
      })),
    },
  };
}

function throughEdges(
  description: FunctionDescription,
  { sqsEndpoint, dynamoEndpoint }: ChaosSettings,
): FunctionDescription {
  const throughEdge = (text: string): string =>
    sqsEndpoint !== null && text.startsWith(QUEUE_ADDRESS_PREFIX)
      ? `${sqsEndpoint}/${LOCAL_ACCOUNT}/${text.slice(QUEUE_ADDRESS_PREFIX.length)}`
      : text;
  const declared = Object.entries(description.environment).map(
    ([name, text]) => [name, throughEdge(text)] as const,
  );
  return {
    ...description,
    environment: {
      ...Object.fromEntries(declared),
      ...(sqsEndpoint !== null && { AWS_ENDPOINT_URL_SQS: sqsEndpoint }),
      ...(dynamoEndpoint !== null && { AWS_ENDPOINT_URL_DYNAMODB: dynamoEndpoint }),
    },
  };
}
