import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { classOf } from '../destinations/outcome.ts';
import { checkDestinations } from '../destinations/validate-destinations.ts';
import { createCourier, type Invocation } from './deliver.ts';
import type { Ledger } from './idempotency.ts';
import { settle, type SettlementDeps } from './process-message.ts';

/** What fanOut needs from outside. */
export interface FanOutDeps extends SettlementDeps {
  readonly ledger: Ledger;
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
  const courier = createCourier(deps);

  return async (event, context) => {
    const invocation: Invocation = {
      underClaim: deps.ledger(context),
      remainingMs: () => context.getRemainingTimeInMillis(),
    };
    const failures = await Promise.all(
      event.Records.map(async (message) => {
        const settled = await settle(deps, message, (delivery) =>
          courier(delivery, invocation),
        ).catch((fault: unknown) => {
          const reason = classOf(fault);
          deps.journal.trouble({ what: 'message_not_settled', id: message.messageId, reason });
          return false;
        });
        return settled ? [] : [{ itemIdentifier: message.messageId }];
      }),
    );
    return { batchItemFailures: failures.flat() };
  };
}
