import type { DeliveryLog, ErrorLog, ReplayLog, WebhookLog } from './log-lines.ts';

/** One attempt at a delivery. `refused`: the destination takes nothing at the moment, for example by 429. */
export interface AttemptMade {
  readonly destination: string;
  readonly result: 'delivered' | 'failed' | 'refused';
}

/** One batch of the queue of a destination. */
export interface BatchDelivered {
  readonly destination: string;
  /** How long the oldest delivery of the batch has been on the queue. */
  readonly oldestAgeMs: number;
  /** Whether the circuit was open, or half-open, when a delivery came to its turn. */
  readonly isCircuitOpen: boolean;
}

/** Where the functions report what happened. Personal data, codes and secrets are never reported. */
export interface Telemetry {
  webhookReceived(entry: WebhookLog): void;
  deliveryProcessed(entry: DeliveryLog): void;
  /** Counted only: the line of the delivery says the rest. */
  attemptMade(entry: AttemptMade): void;
  /** Counted only. */
  batchDelivered(entry: BatchDelivered): void;
  error(entry: ErrorLog): void;
  messageReplayed(entry: ReplayLog): void;
}

/** Telemetry that passes every entry to `first` and then to `second`. */
export function combineTelemetry(first: Telemetry, second: Telemetry): Telemetry {
  return {
    webhookReceived(entry) {
      first.webhookReceived(entry);
      second.webhookReceived(entry);
    },
    deliveryProcessed(entry) {
      first.deliveryProcessed(entry);
      second.deliveryProcessed(entry);
    },
    attemptMade(entry) {
      first.attemptMade(entry);
      second.attemptMade(entry);
    },
    batchDelivered(entry) {
      first.batchDelivered(entry);
      second.batchDelivered(entry);
    },
    error(entry) {
      first.error(entry);
      second.error(entry);
    },
    messageReplayed(entry) {
      first.messageReplayed(entry);
      second.messageReplayed(entry);
    },
  };
}
