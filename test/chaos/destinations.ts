import { createHash } from 'node:crypto';

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

/** Whether a destination accepts a record: spread evenly over the ids, and always the same for one id. */
export function accepts({ name, acceptsOneIn }: ChaosDestination, recordId: string): boolean {
  if (acceptsOneIn === 1) return true;
  return (
    createHash('sha256').update(`${name} ${recordId}`).digest().readUInt16BE(0) % acceptsOneIn === 0
  );
}
