import type { RelayRecord } from '../record/record.ts';
import type { DeliveryOutcome } from './outcome.ts';
import { type Batch, type Limit, NO_BATCH } from './queue-settings.ts';

/** The options of every destination, of any kind. */
export interface DestinationOptions {
  /** Short, like `crm`. To change it later, give the first name as `formerly`. */
  readonly name: string;
  /**
   * The name under which the destination was first declared. Its queue and the rows of its deliveries
   * keep that name, so a change of the name moves nothing.
   */
  readonly formerly?: string;
  /** True before it is removed: nothing new is routed to it, and what waits is delivered. */
  readonly retired?: boolean;
  /**
   * True when its one address is meant for every stage that is deployed. Otherwise packaging refuses an
   * address that no stage parameter and no secret of the stage decides, once there are several stages.
   */
  readonly sharedByStages?: boolean;
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
  /** How many requests the receiver takes; without it, up to 100 at once. */
  readonly limit?: Partial<Limit>;
}

/** The time of one attempt, and the signal that ends it. */
export interface DeliveryContext {
  readonly now: Date;
  /** Aborts when the attempt's timeout is over. */
  readonly signal: AbortSignal;
}

/** A downstream system of the merchant. */
export interface Destination extends Required<Omit<DestinationOptions, 'formerly' | 'limit'>> {
  /** What its queue and the rows of its deliveries are named after: the name it was first declared under. */
  readonly id: string;
  readonly limit: Limit;
  readonly batch: Batch;
  /** What to do when a request was sent and no response came: deliver again, or write a dead letter. */
  readonly onNoResponse: 'retry' | 'dead-letter';
  /** What is wrong with its address; then every delivery waits. */
  readonly fault?: string;
  /** Makes one attempt to deliver a record. A failure is an outcome; an exception counts as a rejection. */
  readonly deliver: (record: RelayRecord, context: DeliveryContext) => Promise<DeliveryOutcome>;
  /** Makes one attempt to deliver several records with one request. Only where `batch` allows several. */
  readonly deliverMany?: DeliverMany;
}

/** Makes one request for several records. A failure is an outcome, as that of `deliver`. */
export type DeliverMany = (
  records: readonly RelayRecord[],
  context: DeliveryContext,
) => Promise<RequestOutcomes>;

/** What one request for one or several records resulted in. */
export interface RequestOutcomes {
  /** The outcome of the request: the pace and the circuit follow it. */
  readonly request: DeliveryOutcome;
  /**
   * The outcome of each record, in their order. Null where only that of the request is known. When that
   * is a rejection, it may be because of any of them.
   */
  readonly records: readonly (DeliveryOutcome | null)[];
}

const DEFAULT_TIMEOUT_MS = 5_000;
const NO_LIMIT: Limit = { perSecond: null, perMinute: null, concurrency: null };

/** The part of a destination that its options alone decide. */
export type DestinationPolicy = Omit<
  Destination,
  'onNoResponse' | 'fault' | 'deliver' | 'deliverMany'
>;

/** Fills in the default of every option that was left out. */
export function withDefaults(
  options: DestinationOptions & { readonly batch?: Batch },
): DestinationPolicy {
  return {
    name: options.name,
    id: options.formerly ?? options.name,
    retired: options.retired ?? false,
    sharedByStages: options.sharedByStages ?? false,
    accepts: options.accepts ?? (() => true),
    deduplicateBy: options.deduplicateBy ?? (() => null),
    acceptsTestEvents: options.acceptsTestEvents ?? false,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    limit: { ...NO_LIMIT, ...options.limit },
    batch: options.batch ?? NO_BATCH,
  };
}
