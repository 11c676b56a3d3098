import { setTimeout } from 'node:timers/promises';
import type { Context, SQSEvent } from 'aws-lambda';
import { createHttpDestination } from '../../../lib/destinations/http-destination.ts';
import { createFanOut } from '../../../lib/fan-out/fan-out.ts';
import type { DeliveriesTable } from '../../../lib/deliveries/deliveries.ts';
import { NO_INDEX } from '../../support/delivery-index.ts';
import { createDeliveriesTable } from '../../../lib/deliveries/deliveries-table.ts';
import { RETRY_SCHEDULE } from '../../../lib/fan-out/retry-schedule.ts';
import { createDynamoDbClient } from '../../../lib/platform/dynamodb.ts';
import { createTelemetry } from '../../../lib/telemetry/create-telemetry.ts';
import { createLambdaContext } from '../measured/lambda-context.ts';

/** A batch and the destinations of its records. */
export interface FanOutInput {
  readonly event: SQSEvent;
  /** The URLs of the destinations. */
  readonly urls: readonly string[];
  readonly usesTable: boolean;
  readonly timeoutMs: number | null;
  /** A new handler for each batch, so that a circuit breaker never opens. */
  readonly usesNewHandler: boolean;
}

const NO_TABLE: DeliveriesTable = {
  take: async (key, holder) => ({
    kind: 'taken',
    row: { key, holder },
    before: {
      attempts: 0,
      firstAt: null,
      lastFailure: null,
      unfinishedTries: 0,
      isReleased: false,
    },
  }),
  finish: async () => ({ kind: 'finished' }),
  giveUp: async () => ({ kind: 'finished' }),
};
const SECRET = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRoZS1iZW5jaA==';

const QUEUE_PREFIX = 'bench-to-';
const wait = (ms: number, signal?: AbortSignal): Promise<unknown> =>
  setTimeout(ms, undefined, { signal });

/** A batch of the queue of a destination, with the records of a batch of [records]. */
function toDeliveries({ Records }: SQSEvent, destination: string): SQSEvent {
  const requestedAt = new Date().toISOString();
  return {
    Records: Records.map((message) => ({
      ...message,
      eventSourceARN: QUEUE_PREFIX + destination,
      attributes: { ...message.attributes, SentTimestamp: String(Date.now()) },
      body: `{"destination":"${destination}","record":${message.body},"requestedAt":"${requestedAt}"}`,
    })),
  };
}

/** fanOut as functions/fan-out.ts wires it, to HTTP destinations: each gets every record of the batch. */
export function prepare(input: FanOutInput): () => Promise<void> {
  const { telemetry, withTelemetry } = createTelemetry({
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_METRICS_NAMESPACE: 'Bench',
  });
  const { timeoutMs } = input;
  const deliveries = input.usesTable
    ? createDeliveriesTable({
        client: createDynamoDbClient(),
        tableName: 'bench',
        historyDays: 90,
        now: () => new Date(),
        random: Math.random,
        wait,
      })
    : NO_TABLE;
  const createHandler = () =>
    withTelemetry(
      createFanOut({
        queues: {
          sendDeliveries: async (_id, sent) => sent.map(() => ({ kind: 'stored' as const })),
          hide: async () => {},
          sendDeadLetter: async () => {},
          toDestinationId: (arn) => arn.split(QUEUE_PREFIX)[1] ?? null,
        },
        deliveries,
        index: NO_INDEX,
        destinations: input.urls.map((url, n) =>
          createHttpDestination({
            name: `destination-${n}`,
            url,
            signingSecrets: async () => SECRET,
            ...(timeoutMs === null ? {} : { timeoutMs: timeoutMs }),
          }),
        ),
        schedule: RETRY_SCHEDULE,
        telemetry,
        now: () => new Date(),
        random: Math.random,
        wait,
      }),
    );
  const sharedHandler = createHandler();
  return async () => {
    const handler = input.usesNewHandler ? createHandler() : sharedHandler;
    await Promise.all(
      input.urls.map(async (_url, n) => {
        const event = toDeliveries(input.event, `destination-${n}`);
        const { batchItemFailures } = await handler(event, createLambdaContext() as Context);
        if (batchItemFailures.length > 0) throw new Error('A delivery failed');
      }),
    );
  };
}
