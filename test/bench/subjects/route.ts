import type { Context, SQSEvent } from 'aws-lambda';
import { withDefaults } from '../../../lib/destinations/destination.ts';
import { delivered } from '../../../lib/destinations/outcome.ts';
import { createFanOutQueues } from '../../../lib/fan-out/queues.ts';
import { routeBatch } from '../../../lib/fan-out/route-batch.ts';
import { createDynamoDbClient } from '../../../lib/platform/dynamodb.ts';
import { createSqsClient } from '../../../lib/platform/sqs.ts';
import { createTelemetry } from '../../../lib/telemetry/create-telemetry.ts';
import { NO_INDEX, openIndex } from '../../support/delivery-index.ts';
import { createLambdaContext } from '../measured/lambda-context.ts';

/** A batch of [records], and how many destinations get each record. */
export interface RouteInput {
  readonly event: SQSEvent;
  readonly destinations: number;
  /** Whether index rows are written too. */
  readonly usesIndex: boolean;
}

/** Routing as fanOut does it, with its calls to SQS. */
export function prepare({ event, destinations, usesIndex }: RouteInput): () => Promise<void> {
  const { telemetry, withTelemetry } = createTelemetry({
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_METRICS_NAMESPACE: 'Bench',
  });
  const deps = {
    destinations: Array.from({ length: destinations }, (_, n) => ({
      ...withDefaults({ name: `destination-${n}` }),
      onNoResponse: 'retry' as const,
      deliver: async () => delivered(204),
    })),
    queues: createFanOutQueues(createSqsClient(), {
      RECORDS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/records',
      DESTINATION_QUEUES_URL: process.env['DESTINATION_QUEUES_URL'] ?? '',
      DEAD_LETTERS_QUEUE_URL: process.env['DEAD_LETTERS_QUEUE_URL'] ?? '',
    }),
    deliveries: { giveUp: async () => ({ kind: 'finished' as const }) },
    index: usesIndex ? openIndex(createDynamoDbClient(), 'bench') : NO_INDEX,
    telemetry,
    now: () => new Date(),
    random: Math.random,
  };
  const handler = withTelemetry(async ({ Records }: SQSEvent) => {
    const stayingIds = await routeBatch(deps, Records, { remainingMs: () => 60_000 });
    return { batchItemFailures: stayingIds.map((itemIdentifier) => ({ itemIdentifier })) };
  });
  return async () => {
    const { batchItemFailures } = await handler(event, createLambdaContext() as Context);
    if (batchItemFailures.length > 0) throw new Error('A record was not routed');
  };
}
