import { type ChaosDestination, DOWN_DESTINATION } from './destinations.ts';
import type { Trace, ResponseFate, DeliveryTrace } from './trace.ts';
import type { ParsedFailure, ParsedMessage } from './parse-message.ts';

/** What is known about the delivery of a dead letter. */
export interface ExplainContext {
  readonly trace: Pick<Trace, 'getDelivery' | 'redeliveries'>;
  readonly destinations: readonly ChaosDestination[];
}

/** How many attempts the schedule has. */
const MAX_ATTEMPTS = 11;
/** After how many attempts without an end a delivery is given up. */
const MAX_UNFINISHED_TRIES = 3;
const FATES_WITHOUT_RESPONSE: ReadonlySet<ResponseFate> = new Set([
  'responded_late',
  'no_response',
  'cut',
]);

/**
 * Finds the fault of the run because of which a message is on [dead-letters].
 * @returns null when no fault of the run explains it
 */
export function explainDeadLetter(
  deadLetter: ParsedMessage,
  { trace, destinations }: ExplainContext,
): string | null {
  const { recordId, destination, reason, lastFailure } = deadLetter;
  // moved by SQS after a thousand receives, which no run has
  if (reason === null) return null;
  const chaosDestination = destinations.find(({ name }) => name === destination);
  if (chaosDestination === undefined || destination === null) return null;
  if (reason === 'attempts_unfinished') {
    return (trace.redeliveries.get(recordId) ?? 0) >= MAX_UNFINISHED_TRIES
      ? `${MAX_UNFINISHED_TRIES} attempts did not end: their environments were killed`
      : null;
  }
  const delivery = trace.getDelivery(recordId, destination);
  return explainDeliveryFailure(reason, lastFailure, delivery, chaosDestination);
}

function explainDeliveryFailure(
  reason: string,
  lastFailure: ParsedFailure | null,
  delivery: DeliveryTrace,
  destination: ChaosDestination,
): string | null {
  switch (reason) {
    case 'rejected': {
      if (!delivery.wasRejected) return null;
      if (lastFailure?.reason === 'http_status' && lastFailure.status === 422) {
        return 'the destination responded 422';
      }
      return lastFailure?.reason === 'mapped_response'
        ? 'the destination refused this record of a request'
        : null;
    }
    case 'maybe_delivered': {
      const isUncertain = delivery.received.some(({ fate }) => FATES_WITHOUT_RESPONSE.has(fate));
      return destination.onNoResponse === 'dead-letter' &&
        (isUncertain || delivery.timeouts.size > 0)
        ? 'no response to a request that was sent, and the destination must not get a second one'
        : null;
    }
    case 'attempts_exhausted':
      return delivery.requests >= MAX_ATTEMPTS ? `all ${MAX_ATTEMPTS} attempts failed` : null;
    case 'too_old':
      return destination.name === DOWN_DESTINATION
        ? 'the destination was down for longer than the maximum age of a delivery'
        : null;
    default:
      return null;
  }
}
