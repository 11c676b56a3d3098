import { Logger } from '@aws-lambda-powertools/logger';
import type { Issue } from '../record/record.ts';

/** One line a webhook. `reason` is a word of ours, never a text of the sender. */
export interface WebhookLog {
  readonly status: 'queued' | 'quarantined' | 'rejected' | 'unavailable' | 'too_large' | 'error';
  readonly httpStatus: number;
  readonly ms: number;
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly purpose?: string | undefined;
  readonly test?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly issues?: readonly Issue[] | undefined;
  /** The gateway's id of the call, which stands in its access log too. */
  readonly requestId?: string | undefined;
}

/** One line a delivery. */
export interface DeliveryLog {
  readonly id: string;
  readonly event: string;
  readonly destination: string;
  readonly outcome: 'delivered' | 'duplicate' | 'retry' | 'rejected' | 'dead';
  readonly ms: number;
  readonly attempt: number;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  /** Seconds until the next attempt, with outcome `retry`. */
  readonly nextInSeconds?: number | undefined;
  /** Milliseconds since the webhook came in, with outcome `delivered`. */
  readonly ageMs?: number | undefined;
}

/** Something that an operator should know and that is neither a webhook nor a delivery. */
export interface OperationalError {
  readonly code: string;
  readonly id?: string | undefined;
  readonly destination?: string | undefined;
  readonly reason?: string | undefined;
}

/** One line a message that an operator's replay has moved on. */
export interface ReplayLog {
  /** The record's, which every other line about it carries too; null when nobody could read it. */
  readonly id: string | null;
  readonly from: 'quarantine' | 'dead-letters';
  /** What the run found out about it. */
  readonly status: string;
}

/** Where the functions tell what happened. Nothing personal, no code and no secret is ever told. */
export interface Telemetry {
  webhookReceived(entry: WebhookLog): void;
  deliveryAttempted(entry: DeliveryLog): void;
  error(entry: OperationalError): void;
  messageReplayed(entry: ReplayLog): void;
}

/** A journal of JSON log lines: `message` is `webhook`, `delivery`, `error` or `replay`, the entry's keys stand beside it. */
export function createLogTelemetry(logger: Logger): Telemetry {
  return {
    webhookReceived(entry) {
      const line = { ...entry };
      if (entry.status === 'queued') logger.info('webhook', line);
      else logger.warn('webhook', line);
    },
    deliveryAttempted(entry) {
      const line = { ...entry };
      if (entry.outcome === 'delivered' || entry.outcome === 'duplicate') {
        logger.info('delivery', line);
      } else {
        logger.warn('delivery', line);
      }
    },
    error(entry) {
      logger.error('error', { ...entry });
    },
    messageReplayed(entry) {
      logger.info('replay', { ...entry });
    },
  };
}

/** A journal that hands every entry on to all of these, in their order. */
export function combineTelemetry(targets: readonly Telemetry[]): Telemetry {
  return {
    webhookReceived(entry) {
      for (const telemetry of targets) telemetry.webhookReceived(entry);
    },
    deliveryAttempted(entry) {
      for (const telemetry of targets) telemetry.deliveryAttempted(entry);
    },
    error(entry) {
      for (const telemetry of targets) telemetry.error(entry);
    },
    messageReplayed(entry) {
      for (const telemetry of targets) telemetry.messageReplayed(entry);
    },
  };
}

/** The logger of one function; its level is POWERTOOLS_LOG_LEVEL. */
export function createLogger(serviceName = 'voucher-relay'): Logger {
  return new Logger({ serviceName });
}
