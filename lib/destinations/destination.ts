import type { RelayRecord } from '../record/record.ts';
import type { DeliveryOutcome } from './outcome.ts';

/** The options of every destination, of any kind. */
export interface DestinationOptions {
  /**
   * Short and permanent, like `crm`: retries, dead letters and rows of deliveries identify the destination
   * by it.
   */
  readonly name: string;
  /** Which records the destination gets; all of them by default. */
  readonly accepts?: (record: RelayRecord) => boolean;
  /**
   * A business key under which only one record is delivered, for example the publication's id: three
   * webhooks can report one publication. Null when the record has none.
   */
  readonly deduplicateBy?: (record: RelayRecord) => string | null;
  /** Whether the destination gets the dashboard's test webhooks; false by default. */
  readonly acceptsTestEvents?: boolean;
  /** The timeout of one attempt; 5,000 by default. */
  readonly timeoutMs?: number;
  /** The maximum number of simultaneous deliveries in one execution environment; 50 by default. */
  readonly concurrency?: number;
}

/** The time of one attempt, and the signal that ends it. */
export interface DeliveryContext {
  readonly now: Date;
  /** Aborts when the attempt's timeout is over. */
  readonly signal: AbortSignal;
}

/** A downstream system of the merchant. */
export interface Destination extends Required<DestinationOptions> {
  /** What to do when a request was sent and no response came: deliver again, or write a dead letter. */
  readonly onNoResponse: 'retry' | 'dead-letter';
  /** What is wrong with its address; then every delivery waits. */
  readonly fault?: string;
  /** Makes one attempt to deliver a record. A failure is an outcome; an exception counts as a rejection. */
  readonly deliver: (record: RelayRecord, context: DeliveryContext) => Promise<DeliveryOutcome>;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_CONCURRENCY = 50;

/** Fills in the default of every option that was left out. */
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
