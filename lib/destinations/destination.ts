import type { RelayRecord } from '../record/record.ts';
import type { Outcome } from './outcome.ts';

/** What can be said of every destination, whatever its kind. */
export interface DestinationRules {
  /** Short and lasting, like `crm`: retries, dead letters and the ledger know the destination by it. */
  readonly name: string;
  /** Which records it wants; all of them by default. */
  readonly accepts?: (record: RelayRecord) => boolean;
  /**
   * A key of the merchant's business under which only one record is delivered, for example the
   * publication's id: three webhooks can tell of one publication. Null when the record has none.
   */
  readonly once?: (record: RelayRecord) => string | null;
  /** Whether it gets the dashboard's test webhooks; no by default. */
  readonly testSends?: boolean;
  /** How long one attempt may take; 5 seconds by default. */
  readonly timeLimitMs?: number;
  /** How many deliveries may be under way at once, in one execution environment; 50 by default. */
  readonly concurrency?: number;
}

/** What may be done with the delivery of one record at this moment. */
export interface Attempt {
  readonly at: Date;
  /** Ends the attempt when its time is up. */
  readonly signal: AbortSignal;
}

/** A downstream system of the merchant. */
export interface Destination extends Required<DestinationRules> {
  /** What to do when a request went out and no answer came: deliver again, or let a person look. */
  readonly whenUncertain: 'retry' | 'dead-letter';
  /** Tries once to hand over a record. Failures are outcomes; what it throws counts as a rejection. */
  readonly deliver: (record: RelayRecord, attempt: Attempt) => Promise<Outcome>;
}

const TIME_LIMIT_MS = 5_000;
const CONCURRENCY = 50;

/** The rules of a destination with everything that was left out filled in. */
export function withDefaults(rules: DestinationRules): Required<DestinationRules> {
  return {
    name: rules.name,
    accepts: rules.accepts ?? (() => true),
    once: rules.once ?? (() => null),
    testSends: rules.testSends ?? false,
    timeLimitMs: rules.timeLimitMs ?? TIME_LIMIT_MS,
    concurrency: rules.concurrency ?? CONCURRENCY,
  };
}
