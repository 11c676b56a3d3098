import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { checkDestinations } from '../destinations/validate-destinations.ts';
import { errorName } from '../error-name.ts';
import { createDeliverer, type DelivererDeps } from './deliver.ts';
import { processMessage, type ProcessDeps } from './process-message.ts';

/** The dependencies of `createFanOut`. */
export type FanOutDeps = ProcessDeps & DelivererDeps;

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
    const failures = await Promise.all(
      event.Records.map(async (message, index) => {
        const holder = {
          token: toToken(context, index),
          remainingMs: () => context.getRemainingTimeInMillis(),
        };
        const isProcessed = await processMessage(deps, message, (delivery) =>
          deliver(delivery, holder),
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

/**
 * The token of a message: the same for every call about it in this invocation, and for nothing else. The
 * id of the SQS message is not enough: a standard queue may hand out a message again while it is hidden
 * (Amazon SQS Developer Guide, "At-least-once delivery"), so two invocations, or two places of one batch,
 * can have it at once, and the second one must not take the first one's hold for its own. A message that
 * is received again as usual needs no token of before: it comes after the visibility timeout (180 s), and
 * a hold ends with its invocation (30 s).
 */
function toToken({ awsRequestId }: Context, index: number): string {
  return `${awsRequestId}#${index}`;
}
