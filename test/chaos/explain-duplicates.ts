import type { ChaosDestination } from './destinations.ts';
import type { Trace, DeliveryTrace, ReceivedRequest } from './trace.ts';

/**
 * Finds the fault of the run because of which a receiver got a second request: one of the causes that
 * docs/guarantees.md allows.
 * @returns null when there is no such cause, which is a bug in fanOut
 */
export function explainDuplicate(
  { fate, invocationId }: ReceivedRequest,
  delivery: DeliveryTrace,
  destination: ChaosDestination,
  recordId: string,
  { abnormalEnds, redeliveries }: Pick<Trace, 'abnormalEnds' | 'redeliveries'>,
): string | null {
  const abnormalEnd = abnormalEnds.get(invocationId);
  const crashReason =
    abnormalEnd === undefined
      ? null
      : `${abnormalEnd} between the response and the finishing write`;
  switch (fate) {
    case 'responded':
      if (crashReason !== null) return crashReason;
      if (delivery.failedWrites.has(invocationId))
        return 'the finishing write after the delivery failed';
      return delivery.timeouts.has(invocationId)
        ? 'the timeout was reached before the response was read'
        : null;
    case 'responded_late':
    case 'no_response':
    case 'cut':
    case 'response_lost':
    case 'no_result': {
      if (destination.onNoResponse === 'retry' || crashReason !== null)
        return UNCERTAIN_REASONS[fate];
      // such a destination gets a second request only when the record is delivered to fanOut again
      return redeliveries.has(recordId)
        ? `${UNCERTAIN_REASONS[fate]}, and the record was delivered to fanOut again`
        : null;
    }
  }
}

const UNCERTAIN_REASONS = {
  responded_late: 'responded after the timeout',
  no_response: 'no response within the timeout',
  cut: 'the connection was closed after the request was received',
  response_lost: 'AWS stored the message, and its response was lost',
  no_result: 'the response had no result for the record',
} as const;
