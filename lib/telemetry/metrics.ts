import type { DeliveryLog, Telemetry, OperationalError, WebhookLog } from './telemetry.ts';

/** One value of one metric, beside the dimension `service`, which all of them have. */
export interface Measurement {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds';
  readonly value: number;
  readonly dimensions: { readonly [name: string]: string };
}

const WEBHOOK_METRICS: { readonly [Status in WebhookLog['status']]: string } = {
  queued: 'WebhookQueued',
  quarantined: 'WebhookQuarantined',
  rejected: 'WebhookRejected',
  unavailable: 'WebhookUnavailable',
  too_large: 'WebhookTooLarge',
  error: 'WebhookError',
};

const DELIVERY_METRICS: { readonly [Outcome in DeliveryLog['outcome']]: string } = {
  delivered: 'DeliveryDelivered',
  duplicate: 'DeliveryDuplicate',
  retry: 'DeliveryRetried',
  rejected: 'DeliveryRejected',
  dead: 'DeliveryDead',
};

/** Trouble that is counted for the whole service. */
const ERROR_METRICS: ReadonlyMap<string, string> = new Map([
  ['unknown_sender_ip', 'UnknownSenderIp'],
  ['unrouted', 'Unrouted'],
  ['invalid_message', 'InvalidMessage'],
  ['ledger', 'IdempotencyError'],
]);
/** The ledger's other trouble: `ledger_not_told_of_delivered` and its like. */
const IDEMPOTENCY_WRITE_FAILED = 'ledger_not_told_of_';

/** Trouble with a destination that an alarm watches for all destinations together. */
const DESTINATION_METRICS: ReadonlyMap<string, string> = new Map([
  ['credentials_rejected', 'CredentialsRejected'],
  ['secret_unavailable', 'SecretUnavailable'],
  ['gone', 'DestinationGone'],
]);

/**
 * A journal that counts what it is told. What an alarm watches for all destinations together is
 * counted twice: by destination, and without one, since an alarm cannot add up over a dimension.
 */
export function createMetricsTelemetry(measure: (measurement: Measurement) => void): Telemetry {
  const count = (name: string, dimensions: Measurement['dimensions'] = {}): void =>
    measure({ name, unit: 'Count', value: 1, dimensions });
  const countPerDestinationAndTotal = (name: string, destination: string): void => {
    count(name);
    count(name, { destination });
  };
  return {
    webhookReceived({ status, reason }) {
      count('WebhookReceived');
      const hasReasonDimension = status === 'rejected' || status === 'unavailable';
      count(WEBHOOK_METRICS[status], hasReasonDimension && reason !== undefined ? { reason } : {});
    },
    deliveryAttempted({ outcome, destination, ageMs }) {
      countPerDestinationAndTotal(DELIVERY_METRICS[outcome], destination);
      if (ageMs === undefined) return;
      const [name, unit] = ['RecordAgeAtDelivery', 'Milliseconds'] as const;
      measure({ name, unit, value: ageMs, dimensions: { destination } });
    },
    error(entry) {
      countError(entry, count, countPerDestinationAndTotal);
    },
    messageReplayed: () => count('MessageReplayed'),
  };
}

function countError(
  { code, destination }: OperationalError,
  count: (name: string, dimensions?: Measurement['dimensions']) => void,
  countPerDestinationAndTotal: (name: string, destination: string) => void,
): void {
  const name = code.startsWith(IDEMPOTENCY_WRITE_FAILED)
    ? 'IdempotencyError'
    : ERROR_METRICS.get(code);
  if (name !== undefined) count(name);
  if (destination === undefined) return;
  const destinationMetric = DESTINATION_METRICS.get(code);
  if (destinationMetric !== undefined) countPerDestinationAndTotal(destinationMetric, destination);
  if (code === 'circuit_opened') count('CircuitOpened', { destination });
}
