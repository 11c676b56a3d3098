/**
 * How a receiver's taking of a request ended for fanOut:
 * `answered` in time; `answered_late`, after the time limit; `never_answered`; `cut`, the connection was
 * closed without an answer; `answer_lost`, AWS took the message and its answer did not arrive.
 */
export type ResponseFate = 'responded' | 'responded_late' | 'no_response' | 'cut' | 'response_lost';

/** A request that a receiver took, and perhaps acted on. */
export interface ReceivedRequest {
  readonly invocationId: string;
  fate: ResponseFate;
}

/** What happened to one delivery, as far as the run did it or saw it. */
export interface DeliveryTrace {
  readonly received: ReceivedRequest[];
  /** How many requests came in all, with those that the receiver did not take. */
  requests: number;
  /** The run did something to it. */
  hadFault: boolean;
  /** The receiver refused it for good. */
  wasRejected: boolean;
  /** The invocations whose note that it was delivered the ledger did not take. */
  readonly failedWrites: Set<string>;
  /** fanOut said that it was delivered, or had been. */
  isReportedDelivered: boolean;
  /** The invocations which said that the time limit struck. */
  readonly timeouts: Set<string>;
}

/** Everything that is known of a run. It only grows. */
export interface Trace {
  /** The story of a delivery; a new one when nothing is known of it. */
  getDelivery(recordId: string, destination: string): DeliveryTrace;
  /** How invocations ended that did not end well. */
  readonly abnormalEnds: Map<string, 'killed' | 'timed out' | 'crashed'>;
  /** How often a record came, or comes, to fanOut once more, by its id. */
  readonly redeliveries: Map<string, number>;
  /** How often the run did what, in words. */
  readonly injectedFaults: Map<string, number>;
}

/** An empty chronicle. */
export function createTrace(): Trace {
  const deliveries = new Map<string, DeliveryTrace>();
  return {
    getDelivery(recordId, destination) {
      const key = `${destination} ${recordId}`;
      const existing = deliveries.get(key);
      if (existing !== undefined) return existing;
      const delivery: DeliveryTrace = {
        received: [],
        requests: 0,
        hadFault: false,
        wasRejected: false,
        failedWrites: new Set(),
        isReportedDelivered: false,
        timeouts: new Set(),
      };
      deliveries.set(key, delivery);
      return delivery;
    },
    abnormalEnds: new Map(),
    redeliveries: new Map(),
    injectedFaults: new Map(),
  };
}

/** Counts one more. */
export function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
