import { createHash } from 'node:crypto';
import { defineDestinations, http, json, resource, sqs } from '../../lib/sdk.ts';

/** A destination of a chaos run, for fanOut and for the checks. */
export interface ChaosDestination {
  readonly name: string;
  readonly onNoResponse: 'retry' | 'dead-letter';
  /** It accepts one record in that many. */
  readonly acceptsOneIn: number;
}

/** The queue that the merchant's own consumers read. */
export const CONSUMERS_DESTINATION = 'consumers';
/** Down for the whole run. It comes back at the end. */
export const DOWN_DESTINATION = 'warehouse';

/** The HTTP destinations. Each is a mock destination with the same name. */
export const HTTP_DESTINATIONS: readonly ChaosDestination[] = [
  { name: 'mail', onNoResponse: 'retry', acceptsOneIn: 1 },
  { name: 'crm', onNoResponse: 'retry', acceptsOneIn: 1 },
  { name: 'sms', onNoResponse: 'dead-letter', acceptsOneIn: 2 },
  { name: DOWN_DESTINATION, onNoResponse: 'retry', acceptsOneIn: 8 },
];

/** All destinations. */
export const DESTINATIONS: readonly ChaosDestination[] = [
  { name: CONSUMERS_DESTINATION, onNoResponse: 'retry', acceptsOneIn: 1 },
  ...HTTP_DESTINATIONS,
];

/** Lambda sets it to the trace id of the running invocation, and the SDK sends it with every request. */
export const TRACE_VARIABLE = '_X_AMZN_TRACE_ID';
const TRACE_HEADER = 'x-amzn-trace-id';

/** The declarations of the destinations, in place of functions/destinations.ts. */
export const destinations = defineDestinations([
  sqs({ name: CONSUMERS_DESTINATION, queue: resource('ConsumersQueue') }),
  ...HTTP_DESTINATIONS.map((destination) =>
    http({
      name: destination.name,
      url: 'https://receiver.example',
      accepts: (record) => accepts(destination, record.id),
      request: ({ id }) => ({
        headers: { [TRACE_HEADER]: process.env[TRACE_VARIABLE] ?? '' },
        body: json({ id }),
      }),
      onNoResponse: destination.onNoResponse,
    }),
  ),
]);

/** Whether a destination accepts a record: spread evenly over the ids, and always the same for one id. */
export function accepts({ name, acceptsOneIn }: ChaosDestination, recordId: string): boolean {
  if (acceptsOneIn === 1) return true;
  return (
    createHash('sha256').update(`${name} ${recordId}`).digest().readUInt16BE(0) % acceptsOneIn === 0
  );
}
