import { createHash } from 'node:crypto';

/** A destination of a chaos run, as fanOut's side and the watching side both know it. */
export interface CastMember {
  readonly name: string;
  readonly whenUncertain: 'retry' | 'dead-letter';
  /** It accepts one record in that many. */
  readonly oneIn: number;
}

/** The queue of the stack that the merchant's own programs read. */
export const CONSUMERS = 'consumers';
/** Down for the whole run; it comes back at the end. */
export const DOWN = 'warehouse';

/** The destinations that are told by HTTP, each a sink of its name. */
export const HTTP_CAST: readonly CastMember[] = [
  { name: 'mail', whenUncertain: 'retry', oneIn: 1 },
  { name: 'crm', whenUncertain: 'retry', oneIn: 1 },
  { name: 'sms', whenUncertain: 'dead-letter', oneIn: 2 },
  { name: DOWN, whenUncertain: 'retry', oneIn: 8 },
];

/** All destinations. */
export const CAST: readonly CastMember[] = [
  { name: CONSUMERS, whenUncertain: 'retry', oneIn: 1 },
  ...HTTP_CAST,
];

/** Says whether a destination accepts a record: as good as by chance, and the same every time. */
export function isWanted({ name, oneIn }: CastMember, recordId: string): boolean {
  if (oneIn === 1) return true;
  return createHash('sha256').update(`${name} ${recordId}`).digest().readUInt16BE(0) % oneIn === 0;
}
