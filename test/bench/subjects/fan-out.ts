import { setTimeout as wait } from 'node:timers/promises';
import type { Context, SQSEvent } from 'aws-lambda';
import { http } from '../../../lib/destinations/http.ts';
import { createFanOut } from '../../../lib/fan-out/fan-out.ts';
import {
  createDeliveriesTable,
  type DeliveriesTable,
} from '../../../lib/deliveries/deliveries-table.ts';
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
  take: async (key, holder) => ({ kind: 'taken', row: { key, holder } }),
  finish: async () => ({ kind: 'finished' }),
};
const SECRET = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRoZS1iZW5jaA==';

/** fanOut as functions/fan-out.ts wires it, to HTTP destinations. */
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
        now: () => new Date(),
        random: Math.random,
        wait,
      })
    : NO_TABLE;
  const createHandler = () =>
    withTelemetry(
      createFanOut({
        sendRetry: async () => {},
        sendDeadLetter: async () => {},
        deliveries,
        destinations: input.urls.map((url, n) =>
          http({
            name: `destination-${n}`,
            url,
            signingSecrets: async () => SECRET,
            ...(timeoutMs === null ? {} : { timeoutMs: timeoutMs }),
          }),
        ),
        schedule: RETRY_SCHEDULE,
        telemetry: telemetry,
        now: () => new Date(),
        random: Math.random,
      }),
    );
  const sharedHandler = createHandler();
  return async () => {
    const handler = input.usesNewHandler ? createHandler() : sharedHandler;
    const { batchItemFailures } = await handler(input.event, createLambdaContext() as Context);
    if (batchItemFailures.length > 0) throw new Error('A delivery failed');
  };
}
