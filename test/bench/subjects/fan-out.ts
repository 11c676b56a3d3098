import type { Context, SQSEvent } from 'aws-lambda';
import { http } from '../../../lib/destinations/http.ts';
import { createFanOut } from '../../../lib/fan-out/fan-out.ts';
import { createLedger, type Ledger } from '../../../lib/fan-out/idempotency.ts';
import { RETRY_SCHEDULE } from '../../../lib/fan-out/retry-schedule.ts';
import { createDynamoDbClient } from '../../../lib/platform/dynamodb.ts';
import { createTelemetry } from '../../../lib/telemetry/create-telemetry.ts';
import { lambdaContext } from '../measured/lambda-context.ts';

/** A batch and where its records go. */
export interface FanOutInput {
  readonly event: SQSEvent;
  /** The addresses of the destinations, one each. */
  readonly urls: readonly string[];
  readonly ledger: boolean;
  readonly timeLimitMs: number | null;
  /** A handler of its own for each batch, for destinations that a breaker would soon spare. */
  readonly newHandlerEachTime: boolean;
}

const NO_LEDGER: Ledger = () => (_claim, attempt) => attempt();
const SECRET = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRoZS1iZW5jaA==';

/** fanOut as functions/fan-out.ts wires it, to HTTP destinations. */
export function prepare(input: FanOutInput): () => Promise<void> {
  const { journal, observe } = createTelemetry({
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_METRICS_NAMESPACE: 'Bench',
  });
  const { timeLimitMs } = input;
  const ledger = input.ledger ? createLedger(createDynamoDbClient(), 'bench', journal) : NO_LEDGER;
  const newHandler = () =>
    observe(
      createFanOut({
        sendRetry: async () => {},
        sendDeadLetter: async () => {},
        ledger,
        destinations: input.urls.map((url, n) =>
          http({
            name: `destination-${n}`,
            url,
            signingSecrets: async () => SECRET,
            ...(timeLimitMs === null ? {} : { timeLimitMs }),
          }),
        ),
        schedule: RETRY_SCHEDULE,
        journal,
        now: () => new Date(),
        random: Math.random,
      }),
    );
  const kept = newHandler();
  return async () => {
    const handler = input.newHandlerEachTime ? newHandler() : kept;
    const { batchItemFailures } = await handler(input.event, lambdaContext() as Context);
    if (batchItemFailures.length > 0) throw new Error('not settled');
  };
}
