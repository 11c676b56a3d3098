import { LOCAL_ACCOUNT, QUEUE_URL_PREFIX } from '../../lib/local/emulator/local-addresses.ts';
import type { FunctionDescription } from '../../lib/local/emulator/serverless-config/functions.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';

/** What a run changes in a stack. */
export interface ChaosSettings {
  /** The endpoints that the functions use for SQS and DynamoDB; null: the emulators themselves. */
  readonly sqsEndpoint: string | null;
  readonly dynamoEndpoint: string | null;
  readonly scheduleDivisor: number;
  readonly timeoutMs: number;
  /** The timeout of fanOut, and the visibility timeout of its queues. */
  readonly timeoutSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  /** How many batches of [records], and of the queue of each destination, are processed at the same time. */
  readonly recordsConcurrency: number;
  readonly deliveriesConcurrency: number;
}

/** What the names of the queues that fanOut reads contain. */
const FAN_OUT_QUEUE_NAME = /-local-(?:records$|to-)/;

/**
 * Makes the stack of a run from that of serverless.yml: fanOut has shorter timeouts and a scaled schedule, and the functions send their requests through the fault proxies.
 */
export function toChaosStack(stack: Stack, settings: ChaosSettings): Stack {
  const visibilityTimeout = String(settings.visibilityTimeoutSeconds);
  return {
    ...stack,
    functions: stack.functions
      .filter(({ name }) => name === 'receive' || name === 'fanOut')
      .map((each) =>
        routeThroughProxy(each.name === 'fanOut' ? replaceFanOut(each, settings) : each, settings),
      ),
    queues: stack.queues.map((queue) =>
      FAN_OUT_QUEUE_NAME.test(queue.name)
        ? { ...queue, attributes: { ...queue.attributes, VisibilityTimeout: visibilityTimeout } }
        : queue,
    ),
  };
}

function replaceFanOut(fanOut: FunctionDescription, settings: ChaosSettings): FunctionDescription {
  const { recordsConcurrency, deliveriesConcurrency } = settings;
  return {
    ...fanOut,
    module: 'test/chaos/fan-out',
    timeoutSeconds: settings.timeoutSeconds,
    environment: {
      ...fanOut.environment,
      SCHEDULE_DIVISOR: String(settings.scheduleDivisor),
      DELIVERY_TIMEOUT_MS: String(settings.timeoutMs),
    },
    events: {
      ...fanOut.events,
      sources: fanOut.events.sources.map((source) => ({
        ...source,
        maximumConcurrency: source.queueArn.endsWith('-records')
          ? recordsConcurrency
          : deliveriesConcurrency,
      })),
    },
  };
}

function routeThroughProxy(
  description: FunctionDescription,
  { sqsEndpoint, dynamoEndpoint }: ChaosSettings,
): FunctionDescription {
  const routeUrl = (url: string): string =>
    sqsEndpoint !== null && url.startsWith(QUEUE_URL_PREFIX)
      ? `${sqsEndpoint}/${LOCAL_ACCOUNT}/${url.slice(QUEUE_URL_PREFIX.length)}`
      : url;
  const routed = Object.entries(description.environment).map(
    ([name, url]) => [name, routeUrl(url)] as const,
  );
  return {
    ...description,
    environment: {
      ...Object.fromEntries(routed),
      ...(sqsEndpoint !== null && { AWS_ENDPOINT_URL_SQS: sqsEndpoint }),
      ...(dynamoEndpoint !== null && { AWS_ENDPOINT_URL_DYNAMODB: dynamoEndpoint }),
    },
  };
}
