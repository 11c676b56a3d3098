import type { ErrorCode } from './error-codes.ts';
import type { DeliveryStatus, WebhookStatus } from './statuses.ts';
import type { Telemetry } from './telemetry.ts';

/** One value of one metric. Every metric has the dimension `service` beside these. */
export interface Measurement {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds';
  readonly value: number;
  readonly dimensions: { readonly [name: string]: string };
}

const WEBHOOK_METRICS: { readonly [Status in WebhookStatus]: string } = {
  queued: 'WebhookQueued',
  quarantined: 'WebhookQuarantined',
  rejected: 'WebhookRejected',
  unavailable: 'WebhookUnavailable',
  too_large: 'WebhookTooLarge',
  error: 'WebhookError',
};

const DELIVERY_METRICS: { readonly [Status in DeliveryStatus]: string } = {
  in_progress: 'DeliveryInProgress',
  waiting: 'DeliveryWaiting',
  delivered: 'DeliveryDelivered',
  duplicate: 'DeliveryDuplicate',
  dead: 'DeliveryDead',
  erased: 'DeliveryErased',
};

/** How an error is counted: in total, by destination, both, or not (its log line says enough). */
const ERROR_METRICS: {
  readonly [Code in ErrorCode]: {
    readonly name: string;
    readonly by: 'total' | 'destination' | 'both';
  } | null;
} = {
  webhook_secret_missing: { name: 'WebhookSecretInvalid', by: 'total' },
  webhook_secret_malformed: { name: 'WebhookSecretInvalid', by: 'total' },
  webhook_secret_unavailable: null,
  webhook_secret_not_refreshed: null,
  unknown_sender_ip: { name: 'UnknownSenderIp', by: 'total' },
  unrouted: { name: 'Unrouted', by: 'total' },
  unknown_destination: null,
  invalid_message: { name: 'InvalidMessage', by: 'total' },
  message_failed: null,
  follow_up_failed: null,
  circuit_opened: null,
  hide_failed: null,
  queue_unavailable: { name: 'DestinationQueueUnavailable', by: 'total' },
  credentials_rejected: { name: 'CredentialsRejected', by: 'both' },
  secret_unavailable: { name: 'SecretUnavailable', by: 'both' },
  destination_gone: { name: 'DestinationGone', by: 'both' },
  destination_misconfigured: { name: 'DestinationMisconfigured', by: 'both' },
  deliveries_unavailable: { name: 'DeliveriesTableError', by: 'total' },
  deliveries_write_failed: { name: 'DeliveriesTableError', by: 'total' },
  delivered_write_failed: { name: 'DeliveredWriteFailed', by: 'total' },
  index_write_failed: { name: 'IndexWriteFailed', by: 'total' },
  publications_missing: { name: 'PublicationsMissing', by: 'total' },
  reconcile_failed: { name: 'ReconcileFailed', by: 'total' },
  release_refused: null,
};

/**
 * Telemetry that counts. What an alarm watches for all destinations together is counted twice, by
 * destination and in total: a CloudWatch alarm cannot add up the values of a dimension.
 */
export function createMetricsTelemetry(measure: (measurement: Measurement) => void): Telemetry {
  const count = (name: string, dimensions: Measurement['dimensions'] = {}): void =>
    measure({ name, unit: 'Count', value: 1, dimensions });
  return {
    webhookReceived({ status, reason, test, unusable }) {
      count('WebhookReceived');
      // the dashboard's test webhooks can have any code
      if (unusable !== undefined && test !== true) count('CodeUnusable');
      const hasReasonDimension = status === 'rejected' || status === 'unavailable';
      count(WEBHOOK_METRICS[status], hasReasonDimension && reason !== undefined ? { reason } : {});
    },
    deliveryProcessed({ status, destination, ageMs }) {
      count(DELIVERY_METRICS[status]);
      count(DELIVERY_METRICS[status], { destination });
      if (ageMs === undefined) return;
      const [name, unit] = ['RecordAgeAtDelivery', 'Milliseconds'] as const;
      measure({ name, unit, value: ageMs, dimensions: { destination } });
    },
    attemptMade({ destination, result }) {
      count('DeliveryAttempted', { destination });
      if (result === 'failed') count('DeliveryFailed', { destination });
      if (result === 'refused') count('DeliveryRefused', { destination });
    },
    batchDelivered({ destination, oldestAgeMs, isCircuitOpen }) {
      const dimensions = { destination };
      measure({ name: 'OldestDeliveryAge', unit: 'Milliseconds', value: oldestAgeMs, dimensions });
      if (isCircuitOpen) count('CircuitOpen', dimensions);
    },
    error({ code, destination }) {
      const metric = ERROR_METRICS[code];
      if (metric === null) return;
      if (metric.by !== 'destination') count(metric.name);
      if (metric.by !== 'total' && destination !== undefined) count(metric.name, { destination });
    },
    messageReplayed: () => count('MessageReplayed'),
  };
}
