import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { DeliveryIndex } from '../deliveries/delivery-index.ts';
import type { Destination } from '../destinations/destination.ts';
import { checkDestinations } from '../destinations/validate-destinations.ts';
import { errorName } from '../error-name.ts';
import { createDeliverBatch, type DeliverDeps } from './deliver-batch.ts';
import { giveUpRow } from './follow-up.ts';
import { giveUpInvalid } from './give-up-invalid.ts';
import { parseMessage, toDelivery } from './queue-messages.ts';
import type { FanOutQueues } from './queues.ts';
import { routeBatch } from './route-batch.ts';

/** The dependencies of `createFanOut`. */
export interface FanOutDeps extends Omit<DeliverDeps, 'queues' | 'sendDeadLetter'> {
  readonly destinations: readonly Destination[];
  readonly queues: FanOutQueues;
  readonly index: DeliveryIndex;
}

/**
 * Creates the handler of a batch: of [records], whose records it routes, or of the queue of a
 * destination, whose deliveries it makes. It reports exactly the messages that cannot be acknowledged.
 * A destination whose address is not valid is reported at once, and its deliveries wait.
 * @throws ConfigError when the list of destinations is not valid
 */
export function createFanOut(
  deps: FanOutDeps,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const { destinations, queues, telemetry } = deps;
  checkDestinations(destinations);
  for (const { name, fault } of destinations) {
    if (fault === undefined) continue;
    const issues = [`'${name}' ${fault}; fix its declaration or the setting that it reads`];
    telemetry.error({ code: 'destination_misconfigured', destination: name, issues });
  }
  const deliverBatch = createDeliverBatch({ ...deps, sendDeadLetter: queues.sendDeadLetter });

  return async ({ Records: messages }, context) => {
    const id = queues.toDestinationId(messages[0]?.eventSourceARN ?? '');
    const invocation = {
      requestId: context.awsRequestId,
      remainingMs: () => context.getRemainingTimeInMillis(),
    };
    const destination = destinations.find((each) => each.id === id);
    let stayingIds: readonly string[];
    if (id === null) stayingIds = await routeBatch(deps, messages, invocation);
    else if (destination === undefined) stayingIds = await giveUpBatch(deps, id, messages);
    else stayingIds = await deliverBatch(destination, messages, invocation);
    return { batchItemFailures: stayingIds.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** Gives up the deliveries of a queue whose destination is no longer declared. */
async function giveUpBatch(
  { queues, deliveries, telemetry, now }: FanOutDeps,
  destination: string,
  messages: readonly SQSRecord[],
): Promise<readonly string[]> {
  const staying = await Promise.all(
    messages.map(async (received) => {
      const { messageId } = received;
      const message = parseMessage(received.body);
      const sentAt = new Date(Number(received.attributes.SentTimestamp));
      const delivery = toDelivery(message, sentAt);
      try {
        if (delivery !== null) {
          const { record, requestedAt: firstAt } = delivery;
          telemetry.error({ code: 'unknown_destination', id: record.id });
          await queues.sendDeadLetter({
            record,
            destination,
            reason: 'unknown_destination',
            lastFailure: null,
            detail: null,
            attempts: 0,
            firstAt,
            lastAt: now().toISOString(),
            responseBody: null,
          });
          const lastFailure = { reason: 'not_attempted', cause: null, status: null } as const;
          const end = { reason: 'unknown_destination', lastFailure } as const;
          await giveUpRow(
            { deliveries, telemetry },
            record,
            { id: destination, name: destination },
            end,
          );
        } else {
          const issues = message.kind === 'invalid' ? message.issues : ['is no delivery'];
          const { sendDeadLetter } = queues;
          await giveUpInvalid({ sendDeadLetter, telemetry, now }, received, issues);
        }
        return [];
      } catch (error) {
        telemetry.error({ code: 'message_failed', id: messageId, cause: errorName(error) });
        return [messageId];
      }
    }),
  );
  return staying.flat();
}
