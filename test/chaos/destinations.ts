import { createHash } from 'node:crypto';

/** A destination of a chaos run, as fanOut's side and the watching side both know it. */
export interface ChaosDestination {
  readonly name: string;
  readonly onNoResponse: 'retry' | 'dead-letter';
  /** It accepts one record in that many. */
  readonly acceptsOneIn: number;
}

/** The queue of the stack that the merchant's own programs read. */
export const CONSUMERS_DESTINATION = 'consumers';
/** Down for the whole run; it comes back at the end. */
export const DOWN_DESTINATION = 'warehouse';

/** The destinations that are told by HTTP, each a mock destination of its name. */
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

/** Says whether a destination accepts a record: as good as by chance, and the same every time. */
export function accepts({ name, acceptsOneIn }: ChaosDestination, recordId: string): boolean {
  if (acceptsOneIn === 1) return true;
  return (
    createHash('sha256').update(`${name} ${recordId}`).digest().readUInt16BE(0) % acceptsOneIn === 0
  );
}
