import * as v from 'valibot';
import type { MockResponse, MockScript } from '../../lib/local/emulator/mock-destinations.ts';
import { parseRecordId } from '../../lib/local/emulator/delivered-requests.ts';
import { DOWN_DESTINATION, type RecordResults } from './destinations.ts';
import { type SeededRandom, pickWeighted } from './seeded-random.ts';
import { type DeliveryTrace, type Trace, increment, type ResponseFate } from './trace.ts';

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
  const { random, trace } = deps;
  return ({ body, headers }) => {
    const recordId = parseRecordId(body) ?? '';
    const invocationId = headers['x-amzn-trace-id'] ?? '';
    const delivery = trace.getDelivery(recordId, destination);
    const requestIndex = delivery.requests;
    delivery.requests += 1;
    if (destination === DOWN_DESTINATION && deps.isDown()) {
      delivery.hadFault = true;
      increment(trace.injectedFaults, `${destination} is down`);
      return { kind: 'close' };
    }
    const fault = pickFaults(random, destination, recordId)[requestIndex];
    if (fault === undefined) {
      delivery.received.push({ invocationId, fate: 'responded' });
      return OK;
    }
    delivery.hadFault = true;
    increment(
      trace.injectedFaults,
      `a destination ${fault}`.replace('a destination fanOut', 'fanOut'),
    );
    return respondWith(deps, fault, [delivery], invocationId);
  };
}

/**
 * The response of a receiver with a fault, and its fate for every delivery of the request. `ok` is what it
 * responds when it does so in time.
 */
function respondWith(
  { timeoutMs, kill }: DestinationFaultsDeps,
  fault: DestinationFault,
  deliveries: readonly DeliveryTrace[],
  invocationId: string,
  ok: MockResponse = OK,
): MockResponse {
  const addReceived = (fate: ResponseFate): void => {
    for (const { received } of deliveries) received.push({ invocationId, fate });
  };
  switch (fault) {
    case 'responds 500':
      return { kind: 'respond', status: 500 };
    case 'responds 503':
      return { kind: 'respond', status: 503 };
    case 'responds 429 with Retry-After':
      return { kind: 'respond', status: 429, headers: { 'retry-after': RETRY_AFTER_SECONDS } };
    case 'responds 422':
      for (const delivery of deliveries) delivery.wasRejected = true;
      return { kind: 'respond', status: 422 };
    case 'hangs':
      addReceived('no_response');
      return { kind: 'hang' };
    case 'closes the connection':
      addReceived('cut');
      return { kind: 'close' };
    case 'responds after the timeout':
      addReceived('responded_late');
      return { ...ok, delayMs: timeoutMs * 1.5 };
    case 'fanOut is killed at the response':
      addReceived('responded');
      setImmediate(() => kill(invocationId));
      return ok;
    case 'fanOut is killed before the response':
      addReceived('no_response');
      kill(invocationId);
      return { kind: 'hang' };
  }
}

/** What the receiver of many records does with one of them, beside taking it. */
export type RecordFault = 'refused' | 'later' | 'without a result';
/** The first time; a record that is refused is so each time. */
const RECORD_FAULT_WEIGHTS: readonly (readonly [RecordFault | null, number])[] = [
  [null, 84],
  ['refused', 4],
  ['later', 6],
  ['without a result', 6],
];
/** Of the refused records so many have their whole request refused, and the others only themselves. */
const REFUSED_WHOLE_SHARE = 0.5;
/** Faults of whole requests. A 422 is no fault of a request. */
const REQUEST_FAULT_SHARE = 0.25;
const REQUEST_FAULT_WEIGHTS = FAULT_WEIGHTS.filter(([fault]) => fault !== 'responds 422');

const RECORD_FAULT_LABELS: Readonly<Record<RecordFault, string>> = {
  refused: 'refuses a record',
  later: 'puts off a record',
  'without a result': 'has no result for a record',
};

const ManySchema = v.pipe(v.string(), v.parseJson(), v.object({ ids: v.array(v.string()) }));

/** Makes the behaviour of the mock destination that takes many records in one request. */
export function createFaultyBatchDestination(
  deps: DestinationFaultsDeps,
  destination: string,
): MockScript {
  const { random, trace } = deps;
  const faultOf = (id: string): RecordFault | null =>
    pickWeighted(RECORD_FAULT_WEIGHTS, random('record', destination, id));
  return ({ body, headers }, index) => {
    const { ids } = v.parse(ManySchema, body);
    const invocationId = headers['x-amzn-trace-id'] ?? '';
    const records = ids.map((id) => {
      const delivery = trace.getDelivery(id, destination);
      delivery.requests += 1;
      const fault = faultOf(id);
      // it is as it is each time, or only once
      const isDue = fault === 'refused' || !delivery.hadRecordFault;
      return { id, delivery, fault: isDue ? fault : null };
    });
    const count = (label: string): void =>
      increment(trace.injectedFaults, `${destination} ${label}`);

    const refused = records.filter(({ fault }) => fault === 'refused');
    for (const { delivery } of refused) delivery.wasRejected = true;
    if (refused.some(({ id }) => random('whole', destination, id) < REFUSED_WHOLE_SHARE)) {
      count('refuses a request because of some of its records');
      for (const { delivery } of records) delivery.hadFault = true;
      return { kind: 'respond', status: 422 };
    }
    if (random('request', destination, index) < REQUEST_FAULT_SHARE) {
      const fault = pickWeighted(REQUEST_FAULT_WEIGHTS, random('how', destination, index));
      if (fault === null) throw new Error('Every draw picks a fault');
      count(`with many records: ${fault}`);
      for (const { delivery } of records) delivery.hadFault = true;
      const taken = records.filter((each) => each.fault !== 'refused');
      const deliveries = taken.map(({ delivery }) => delivery);
      return respondWith(deps, fault, deliveries, invocationId, toPartial(refused, taken));
    }
    for (const { delivery, fault } of records) {
      if (fault !== null) {
        count(`with many records: ${RECORD_FAULT_LABELS[fault]}`);
        delivery.hadFault = true;
        delivery.hadRecordFault = true;
      }
      if (fault === null) delivery.received.push({ invocationId, fate: 'responded' });
      if (fault === 'without a result') delivery.received.push({ invocationId, fate: 'no_result' });
    }
    return toPartial(
      refused,
      records.filter(({ fault }) => fault === null),
      records.filter(({ fault }) => fault === 'later'),
    );
  };
}

/** A response with a result for each of these records. */
function toPartial(
  refused: readonly { readonly id: string }[],
  taken: readonly { readonly id: string }[],
  later: readonly { readonly id: string }[] = [],
): MockResponse {
  const results: RecordResults = {};
  for (const { id } of refused) results[id] = 'refused';
  for (const { id } of taken) results[id] = 'taken';
  for (const { id } of later) results[id] = 'later';
  return { kind: 'respond', status: 207, body: JSON.stringify(results) };
}
