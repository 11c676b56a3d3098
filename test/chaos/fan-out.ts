import { setTimeout as wait } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { http } from '../../lib/destinations/http.ts';
import { json } from '../../lib/destinations/http-request.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { createFanOut } from '../../lib/fan-out/fan-out.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { createFailureQueues } from '../../lib/fan-out/failure-queues.ts';
import { FanOutSettingsSchema } from '../../lib/fan-out/settings.ts';
import { readConfig, RequiredUrlSchema } from '../../lib/platform/config.ts';
import { createDynamoDbClient } from '../../lib/platform/dynamodb.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../../lib/telemetry/create-telemetry.ts';
import { formatBatchLine } from './batch-log-line.ts';
import { CONSUMERS_DESTINATION, HTTP_DESTINATIONS, accepts } from './destinations.ts';
import { scaleSchedule } from './scaled-schedule.ts';

// The entry of fanOut in a chaos run: functions/fan-out.ts with the destinations of the run and a scaled
// schedule.

/** Lambda sets it to the trace id of the running invocation, and the SDK sends it with every request. */
const TRACE_VARIABLE = '_X_AMZN_TRACE_ID';
const TRACE_HEADER = 'x-amzn-trace-id';

const PositiveNumberSchema = v.pipe(v.string(), v.transform(Number), v.minValue(1));
const config = readConfig(
  v.intersect([
    FanOutSettingsSchema,
    TelemetrySettingsSchema,
    v.object({
      CONSUMERS_QUEUE_URL: RequiredUrlSchema,
      MOCKS_URL: RequiredUrlSchema,
      SCHEDULE_DIVISOR: PositiveNumberSchema,
      DELIVERY_TIMEOUT_MS: PositiveNumberSchema,
    }),
  ]),
  process.env,
);
const { telemetry, withTelemetry } = createTelemetry(config);
const timeoutMs = config.DELIVERY_TIMEOUT_MS;

const fanOut = withTelemetry(
  createFanOut({
    ...createFailureQueues(createSqsClient(), config),
    deliveries: createDeliveriesTable({
      client: createDynamoDbClient(),
      tableName: config.DELIVERIES_TABLE,
      now: () => new Date(),
      random: Math.random,
      wait,
    }),
    destinations: [
      sqs({
        name: CONSUMERS_DESTINATION,
        client: createSqsClient(),
        queueUrl: config.CONSUMERS_QUEUE_URL,
        timeoutMs,
      }),
      ...HTTP_DESTINATIONS.map((destination) =>
        http({
          name: destination.name,
          url: config.MOCKS_URL + destination.name,
          accepts: (record) => accepts(destination, record.id),
          request: ({ id }) => ({
            headers: { [TRACE_HEADER]: process.env[TRACE_VARIABLE] ?? '' },
            body: json({ id }),
          }),
          onNoResponse: destination.onNoResponse,
          timeoutMs,
        }),
      ),
    ],
    schedule: scaleSchedule(config.SCHEDULE_DIVISOR),
    telemetry,
    now: () => new Date(),
    random: Math.random,
  }),
);

/** fanOut's handler. It logs the batch before it begins, because a killed invocation cannot do it later. */
export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  process.env[TRACE_VARIABLE] = context.awsRequestId;
  process.stdout.write(formatBatchLine(event));
  return fanOut(event, context);
}
