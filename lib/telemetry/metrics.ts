import type { DeliveryEntry, Journal, TroubleEntry, WebhookEntry } from './telemetry.ts';

/** One value of one metric, beside the dimension `service`, which all of them have. */
export interface Measurement {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds';
  readonly value: number;
  readonly dimensions: { readonly [name: string]: string };
}

const WEBHOOK_METRICS: { readonly [Status in WebhookEntry['status']]: string } = {
  queued: 'WebhookQueued',
  quarantined: 'WebhookQuarantined',
  refused: 'WebhookRefused',
  unavailable: 'WebhookUnavailable',
  too_large: 'WebhookTooLarge',
  failed: 'WebhookFailed',
};

const DELIVERY_METRICS: { readonly [Outcome in DeliveryEntry['outcome']]: string } = {
  delivered: 'DeliveryDelivered',
  duplicate: 'DeliveryDuplicate',
  retry: 'DeliveryRetried',
  rejected: 'DeliveryRejected',
  dead: 'DeliveryDead',
};

/** Trouble that is counted for the whole service. */
const TROUBLE_METRICS: ReadonlyMap<string, string> = new Map([
  ['unknown_sender_address', 'UnknownSenderAddress'],
  ['unrouted', 'Unrouted'],
  ['unparsable_message', 'MessageUnparsable'],
  ['ledger', 'LedgerError'],
]);
/** The ledger's other trouble: `ledger_not_told_of_delivered` and its like. */
const LEDGER_NOT_TOLD = 'ledger_not_told_of_';

/** Trouble with a destination that an alarm watches for all destinations together. */
const DESTINATION_METRICS: ReadonlyMap<string, string> = new Map([
  ['key_refused', 'KeyRefused'],
  ['secret_unreadable', 'SecretUnreadable'],
  ['gone', 'DestinationGone'],
]);

/**
 * A journal that counts what it is told. What an alarm watches for all destinations together is
 * counted twice: by destination, and without one, since an alarm cannot add up over a dimension.
 */
export function createMetricsJournal(measure: (measurement: Measurement) => void): Journal {
  const count = (name: string, dimensions: Measurement['dimensions'] = {}): void =>
    measure({ name, unit: 'Count', value: 1, dimensions });
  const countTwice = (name: string, destination: string): void => {
    count(name);
    count(name, { destination });
  };
  return {
    webhook({ status, reason }) {
      count('WebhookReceived');
      const byReason = status === 'refused' || status === 'unavailable';
      count(WEBHOOK_METRICS[status], byReason && reason !== undefined ? { reason } : {});
    },
    delivery({ outcome, destination, ageMs }) {
      countTwice(DELIVERY_METRICS[outcome], destination);
      if (ageMs === undefined) return;
      const [name, unit] = ['RecordAgeAtDelivery', 'Milliseconds'] as const;
      measure({ name, unit, value: ageMs, dimensions: { destination } });
    },
    trouble(entry) {
      countTrouble(entry, count, countTwice);
    },
    replay: () => count('MessageReplayed'),
  };
}

function countTrouble(
  { what, destination }: TroubleEntry,
  count: (name: string, dimensions?: Measurement['dimensions']) => void,
  countTwice: (name: string, destination: string) => void,
): void {
  const name = what.startsWith(LEDGER_NOT_TOLD) ? 'LedgerError' : TROUBLE_METRICS.get(what);
  if (name !== undefined) count(name);
  if (destination === undefined) return;
  const ofDestination = DESTINATION_METRICS.get(what);
  if (ofDestination !== undefined) countTwice(ofDestination, destination);
  if (what === 'breaker_opened') count('BreakerOpened', { destination });
}
