import type { MockResponse, MockScript } from '../../lib/local/emulator/mock-destinations.ts';
import { parseRecordId } from '../../lib/local/emulator/delivered-requests.ts';
import { DOWN_DESTINATION } from './destinations.ts';
import { type SeededRandom, pickWeighted } from './seeded-random.ts';
import { type Trace, increment, type ResponseFate } from './trace.ts';

/** What a receiver does instead of responding 200. */
export type DestinationFault =
  | 'responds 500'
  | 'responds 503'
  | 'responds 429 with Retry-After'
  | 'responds 422'
  | 'hangs'
  | 'closes the connection'
  | 'responds after the timeout'
  | 'fanOut is killed at the response'
  | 'fanOut is killed before the response';

/** The share of deliveries that have faults. */
const FAULTY_SHARE = 0.2;
const MAX_FAULTS_PER_DELIVERY = 3;
const FAULT_WEIGHTS: readonly (readonly [DestinationFault, number])[] = [
  ['responds 500', 22],
  ['responds 503', 22],
  ['responds 429 with Retry-After', 22],
  ['responds 422', 2],
  ['hangs', 8],
  ['closes the connection', 12],
  ['responds after the timeout', 10],
  ['fanOut is killed at the response', 0.5],
  ['fanOut is killed before the response', 0.5],
];
const RETRY_AFTER_SECONDS = '1';
const OK: MockResponse = { kind: 'respond', status: 200 };

/** The faults of the first requests of a delivery, in order. All further requests get a 200. */
export function pickFaults(
  random: SeededRandom,
  destination: string,
  recordId: string,
): readonly DestinationFault[] {
  if (random('disturbed', destination, recordId) >= FAULTY_SHARE) return [];
  const length =
    1 + Math.floor(random('how often', destination, recordId) * MAX_FAULTS_PER_DELIVERY);
  return Array.from({ length }, (_, n) =>
    pickWeighted(FAULT_WEIGHTS, random('how', destination, recordId, n)),
  ).filter((each) => each !== null);
}

/** The dependencies of `createFaultyDestination`. */
export interface DestinationFaultsDeps {
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly timeoutMs: number;
  /** Kills the environment in which an invocation runs. */
  readonly kill: (invocationId: string) => void;
  /** Whether the destination that is down for the whole run is still down. */
  readonly isDown: () => boolean;
}

/** Makes the behaviour of a mock destination in a run. It records each request in the trace. */
export function createFaultyDestination(
  deps: DestinationFaultsDeps,
  destination: string,
): MockScript {
  const { random, trace, timeoutMs } = deps;
  return ({ body, headers }) => {
    const recordId = parseRecordId(body) ?? '';
    const invocationId = headers['x-amzn-trace-id'] ?? '';
    const delivery = trace.getDelivery(recordId, destination);
    const requestIndex = delivery.requests;
    delivery.requests += 1;
    const addReceived = (fate: ResponseFate): void =>
      void delivery.received.push({ invocationId, fate });
    if (destination === DOWN_DESTINATION && deps.isDown()) {
      delivery.hadFault = true;
      increment(trace.injectedFaults, `${destination} is down`);
      return { kind: 'close' };
    }
    const fault = pickFaults(random, destination, recordId)[requestIndex];
    if (fault === undefined) {
      addReceived('responded');
      return OK;
    }
    delivery.hadFault = true;
    increment(
      trace.injectedFaults,
      `a destination ${fault}`.replace('a destination fanOut', 'fanOut'),
    );
    switch (fault) {
      case 'responds 500':
        return { kind: 'respond', status: 500 };
      case 'responds 503':
        return { kind: 'respond', status: 503 };
      case 'responds 429 with Retry-After':
        return { kind: 'respond', status: 429, headers: { 'retry-after': RETRY_AFTER_SECONDS } };
      case 'responds 422':
        delivery.wasRejected = true;
        return { kind: 'respond', status: 422 };
      case 'hangs':
        addReceived('no_response');
        return { kind: 'hang' };
      case 'closes the connection':
        addReceived('cut');
        return { kind: 'close' };
      case 'responds after the timeout':
        addReceived('responded_late');
        return { ...OK, delayMs: timeoutMs * 1.5 };
      case 'fanOut is killed at the response':
        addReceived('responded');
        setImmediate(() => deps.kill(invocationId));
        return OK;
      case 'fanOut is killed before the response':
        addReceived('no_response');
        deps.kill(invocationId);
        return { kind: 'hang' };
    }
  };
}
