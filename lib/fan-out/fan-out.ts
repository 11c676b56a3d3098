import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { checkDestinations } from '../destinations/validate-destinations.ts';
import { errorName } from '../error-name.ts';
import { createDeliverer, type InvocationLimits } from './deliver.ts';
import type { IdempotencyStore } from './idempotency.ts';
import { processMessage, type ProcessDeps } from './process-message.ts';

/** What fanOut needs from outside. */
export interface FanOutDeps extends ProcessDeps {
  readonly idempotencyStore: IdempotencyStore;
}

/**
 * The handler of a batch of [records] or [retries]: every message is settled by itself, all of them
 * at once, and exactly those that are not are reported, for SQS to bring them back.
 * @throws ConfigError at once when the destinations could not work
 */
export function createFanOut(
  deps: FanOutDeps,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  checkDestinations(deps.destinations);
  const deliver = createDeliverer(deps);

  return async (event, context) => {
    const invocation: InvocationLimits = {
      runOnce: deps.idempotencyStore(context),
      remainingMs: () => context.getRemainingTimeInMillis(),
    };
    const failures = await Promise.all(
      event.Records.map(async (message) => {
        const isProcessed = await processMessage(deps, message, (delivery) =>
          deliver(delivery, invocation),
        ).catch((error: unknown) => {
          const reason = errorName(error);
          deps.telemetry.error({ code: 'message_failed', id: message.messageId, reason });
          return false;
        });
        return isProcessed ? [] : [{ itemIdentifier: message.messageId }];
      }),
    );
    return { batchItemFailures: failures.flat() };
  };
}
