import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { http } from '../../lib/destinations/http.ts';
import { json } from '../../lib/destinations/http-request.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { createFanOut } from '../../lib/fan-out/fan-out.ts';
import { createLedger } from '../../lib/fan-out/idempotency.ts';
import { createQueues } from '../../lib/fan-out/failure-queues.ts';
import { FanOutSettingsSchema } from '../../lib/fan-out/settings.ts';
import { readConfig, RequiredUrlSchema } from '../../lib/platform/config.ts';
import { createDynamoDbClient } from '../../lib/platform/dynamodb.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import { createTelemetry, TelemetrySettingsSchema } from '../../lib/telemetry/create-telemetry.ts';
import { batchLine } from './batch-log-line.ts';
import { CONSUMERS, HTTP_CAST, isWanted } from './destinations.ts';
import { dividedSchedule } from './scaled-schedule.ts';

// What functions/fan-out.ts is for a deployed stack, this is for a chaos run: the same engine, wired to
// the cast and to a divided schedule.

/** Where Lambda puts the name of the running invocation's trace; the SDK sends it with every request. */
const TRACE_VARIABLE = '_X_AMZN_TRACE_ID';
const TRACE_HEADER = 'x-amzn-trace-id';

const NumberSchema = v.pipe(v.string(), v.transform(Number), v.minValue(1));
const config = readConfig(
  v.intersect([
    FanOutSettingsSchema,
    TelemetrySettingsSchema,
    v.object({
      CONSUMERS_QUEUE_URL: RequiredUrlSchema,
      SINKS_URL: RequiredUrlSchema,
      SCHEDULE_DIVISOR: NumberSchema,
      TIME_LIMIT_MS: NumberSchema,
    }),
  ]),
  process.env,
);
const { journal, observe } = createTelemetry(config);
const timeLimitMs = config.TIME_LIMIT_MS;

const fanOut = observe(
  createFanOut({
    ...createQueues(createSqsClient(), config),
    ledger: createLedger(createDynamoDbClient(), config.LEDGER_TABLE, journal),
    destinations: [
      sqs({
        name: CONSUMERS,
        client: createSqsClient(),
        queueUrl: config.CONSUMERS_QUEUE_URL,
        timeLimitMs,
      }),
      ...HTTP_CAST.map((member) =>
        http({
          name: member.name,
          url: config.SINKS_URL + member.name,
          accepts: (record) => isWanted(member, record.id),
          request: ({ id }) => ({
            headers: { [TRACE_HEADER]: process.env[TRACE_VARIABLE] ?? '' },
            body: json({ id }),
          }),
          whenUncertain: member.whenUncertain,
          timeLimitMs,
        }),
      ),
    ],
    schedule: dividedSchedule(config.SCHEDULE_DIVISOR),
    journal,
    now: () => new Date(),
    random: Math.random,
  }),
);

/** fanOut's handler. It says first what is in its batch: a killed one cannot say it any more. */
export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  process.env[TRACE_VARIABLE] = context.awsRequestId;
  process.stdout.write(batchLine(event));
  return fanOut(event, context);
}
