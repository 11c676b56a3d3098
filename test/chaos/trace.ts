/**
 * How a request that the receiver accepted ended for fanOut: `responded` in time; `responded_late`, after
 * the timeout; `no_response`; `cut`, the connection was closed without a response; `response_lost`, AWS
 * stored the message and its response did not arrive; `no_result`, the response to a request for many
 * records had no result for this one.
 */
export type ResponseFate =
  | 'responded'
  | 'responded_late'
  | 'no_response'
  | 'cut'
  | 'response_lost'
  | 'no_result';

/** A request that a receiver accepted and may have acted on. */
export interface ReceivedRequest {
  readonly invocationId: string;
  fate: ResponseFate;
}

/** What the run did to one delivery and saw of it. */
export interface DeliveryTrace {
  readonly received: ReceivedRequest[];
  /** The number of requests, including those that the receiver did not accept. */
  requests: number;
  /** The run injected a fault. */
  hadFault: boolean;
  /** The receiver of many records did not simply take it, among others that it took. */
  hadRecordFault: boolean;
  /** The receiver rejected it. */
  wasRejected: boolean;
  /** The invocations whose finishing write after the delivery failed. */
  readonly failedWrites: Set<string>;
  /** fanOut logged it as delivered or duplicate. */
  isReportedDelivered: boolean;
  /** The invocations that logged a timeout. */
  readonly timeouts: Set<string>;
}

/** Everything that is recorded in a run. Entries are never removed. */
export interface Trace {
  /** The trace of a delivery; a new one when there is none yet. */
  getDelivery(recordId: string, destination: string): DeliveryTrace;
  /** How invocations ended that did not return. */
  readonly abnormalEnds: Map<string, 'killed' | 'timed out' | 'crashed'>;
  /** How often a record was, or will be, delivered to fanOut again, by its id. */
  readonly redeliveries: Map<string, number>;
  /** How often each fault was injected, by its label. */
  readonly injectedFaults: Map<string, number>;
}

/** Makes an empty trace. */
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
        hadRecordFault: false,
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

/** Adds one to the count of a key. */
export function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
