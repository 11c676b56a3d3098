import type { DeliveryLog, ErrorLog, ReplayLog, WebhookLog } from './log-lines.ts';

/** Where the functions report what happened. Personal data, codes and secrets are never reported. */
export interface Telemetry {
  webhookReceived(entry: WebhookLog): void;
  deliveryProcessed(entry: DeliveryLog): void;
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
