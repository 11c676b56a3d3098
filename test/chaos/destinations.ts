import { createHash } from 'node:crypto';
import * as v from 'valibot';
import {
  defineDestinations,
  delivered,
  http,
  json,
  rejected,
  resource,
  retryLater,
  sqs,
} from 'voucher-relay';

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

/** Takes many records in one request. It is a mock destination too. */
export const BATCH_DESTINATION: ChaosDestination = {
  name: 'profiles',
  onNoResponse: 'retry',
  acceptsOneIn: 1,
};

/** All destinations. */
export const DESTINATIONS: readonly ChaosDestination[] = [
  { name: CONSUMERS_DESTINATION, onNoResponse: 'retry', acceptsOneIn: 1 },
  BATCH_DESTINATION,
  ...HTTP_DESTINATIONS,
];

/** Lambda sets it to the trace id of the running invocation, and the SDK sends it with every request. */
export const TRACE_VARIABLE = '_X_AMZN_TRACE_ID';
const TRACE_HEADER = 'x-amzn-trace-id';

/** What the receiver of many records says about each, by the record's id. */
export type RecordResults = v.InferOutput<typeof ResultsSchema>;
const ResultsSchema = v.record(v.string(), v.picklist(['taken', 'later', 'refused']));
const PARTIAL = 207;
const OUTCOMES = {
  taken: () => delivered(),
  later: () => retryLater(),
  refused: () => rejected('the record is refused'),
};

/** The declarations of the destinations, in place of functions/destinations.ts. */
export const destinations = defineDestinations([
  sqs({ name: CONSUMERS_DESTINATION, queue: resource('ConsumersQueue') }),
  http({
    name: BATCH_DESTINATION.name,
    url: 'https://receiver.example',
    batch: { size: 20, windowSeconds: 1 },
    requestMany: (records) => ({
      headers: toTraceHeaders(),
      body: json({ ids: records.map(({ id }) => id) }),
    }),
    outcomes: ({ status, json: results }) =>
      status === PARTIAL ? toOutcomes(v.parse(ResultsSchema, results)) : undefined,
    onNoResponse: BATCH_DESTINATION.onNoResponse,
  }),
  ...HTTP_DESTINATIONS.map((destination) =>
    http({
      name: destination.name,
      url: 'https://receiver.example',
      accepts: (record) => accepts(destination, record.id),
      request: ({ id }) => ({
        headers: toTraceHeaders(),
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

/** The invocation that makes a request, for the trace of the run. */
function toTraceHeaders(): { readonly [name: string]: string } {
  return { [TRACE_HEADER]: process.env[TRACE_VARIABLE] ?? '' };
}

function toOutcomes(results: RecordResults) {
  return new Map(Object.entries(results).map(([id, result]) => [id, OUTCOMES[result]()]));
}
