import type { RelayRecord } from '../record/record.ts';
import type { DeliveryOutcome } from './outcome.ts';

/** What can be said of every destination, whatever its kind. */
export interface DestinationOptions {
  /** Short and lasting, like `crm`: retries, dead letters and the ledger know the destination by it. */
  readonly name: string;
  /** Which records it wants; all of them by default. */
  readonly accepts?: (record: RelayRecord) => boolean;
  /**
   * A key of the merchant's business under which only one record is delivered, for example the
   * publication's id: three webhooks can tell of one publication. Null when the record has none.
   */
  readonly deduplicateBy?: (record: RelayRecord) => string | null;
  /** Whether it gets the dashboard's test webhooks; no by default. */
  readonly acceptsTestEvents?: boolean;
  /** How long one attempt may take; 5 seconds by default. */
  readonly timeoutMs?: number;
  /** How many deliveries may be under way at once, in one execution environment; 50 by default. */
  readonly concurrency?: number;
}

/** What may be done with the delivery of one record at this moment. */
export interface DeliveryContext {
  readonly now: Date;
  /** Ends the attempt when its time is up. */
  readonly signal: AbortSignal;
}

/** A downstream system of the merchant. */
export interface Destination extends Required<DestinationOptions> {
  /** What to do when a request went out and no answer came: deliver again, or let a person look. */
  readonly onNoResponse: 'retry' | 'dead-letter';
  /** Tries once to hand over a record. Failures are outcomes; what it throws counts as a rejection. */
  readonly deliver: (record: RelayRecord, context: DeliveryContext) => Promise<DeliveryOutcome>;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_CONCURRENCY = 50;

/** The rules of a destination with everything that was left out filled in. */
export function withDefaults(options: DestinationOptions): Required<DestinationOptions> {
  return {
    name: options.name,
    accepts: options.accepts ?? (() => true),
    deduplicateBy: options.deduplicateBy ?? (() => null),
    acceptsTestEvents: options.acceptsTestEvents ?? false,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
  };
}
