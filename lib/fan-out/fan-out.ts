import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { checkDestinations } from '../destinations/validate-destinations.ts';
import { errorName } from '../error-name.ts';
import { createDeliverer, type InvocationLimits } from './deliver.ts';
import type { IdempotencyStore } from '../deliveries/deliveries-table.ts';
import { processMessage, type ProcessDeps } from './process-message.ts';

/** The dependencies of `createFanOut`. */
export interface FanOutDeps extends ProcessDeps {
  readonly idempotencyStore: IdempotencyStore;
}

/**
 * Creates the handler of a batch of [records] or [retries]. It processes every message by itself, all at
 * once, and reports exactly those that cannot be acknowledged, for SQS to deliver again.
 * A destination whose address is not valid is reported at once, and its deliveries wait.
 * @throws ConfigError when the list of destinations is not valid
 */
export function createFanOut(
  deps: FanOutDeps,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  checkDestinations(deps.destinations);
  for (const { name, fault } of deps.destinations) {
    if (fault === undefined) continue;
    const issues = [
      `'${name}' ${fault}; fix functions/destinations.ts or the setting that it reads`,
    ];
    deps.telemetry.error({ code: 'destination_misconfigured', destination: name, issues });
  }
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
          const cause = errorName(error);
          deps.telemetry.error({ code: 'message_failed', id: message.messageId, cause });
          return false;
        });
        return isProcessed ? [] : [{ itemIdentifier: message.messageId }];
      }),
    );
    return { batchItemFailures: failures.flat() };
  };
}
