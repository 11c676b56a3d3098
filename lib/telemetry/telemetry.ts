import { Logger } from '@aws-lambda-powertools/logger';
import type { Issue } from '../record/record.ts';

/** One line a webhook. `reason` is a word of ours, never a text of the sender. */
export interface WebhookEntry {
  readonly status: 'queued' | 'quarantined' | 'refused' | 'unavailable' | 'too_large' | 'failed';
  readonly answer: number;
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
export interface DeliveryEntry {
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
export interface TroubleEntry {
  readonly what: string;
  readonly id?: string | undefined;
  readonly destination?: string | undefined;
  readonly reason?: string | undefined;
}

/** One line a message that an operator's replay has moved on. */
export interface ReplayEntry {
  /** The record's, which every other line about it carries too; null when nobody could read it. */
  readonly id: string | null;
  readonly from: 'quarantine' | 'dead-letters';
  /** What the run found out about it. */
  readonly status: string;
}

/** Where the functions tell what happened. Nothing personal, no code and no secret is ever told. */
export interface Journal {
  webhook(entry: WebhookEntry): void;
  delivery(entry: DeliveryEntry): void;
  trouble(entry: TroubleEntry): void;
  replay(entry: ReplayEntry): void;
}

/** A journal of JSON log lines: `message` is `webhook`, `delivery`, `trouble` or `replay`, the entry's keys stand beside it. */
export function createLogJournal(logger: Logger): Journal {
  return {
    webhook(entry) {
      const line = { ...entry };
      if (entry.status === 'queued') logger.info('webhook', line);
      else logger.warn('webhook', line);
    },
    delivery(entry) {
      const line = { ...entry };
      if (entry.outcome === 'delivered' || entry.outcome === 'duplicate') {
        logger.info('delivery', line);
      } else {
        logger.warn('delivery', line);
      }
    },
    trouble(entry) {
      logger.error('trouble', { ...entry });
    },
    replay(entry) {
      logger.info('replay', { ...entry });
    },
  };
}

/** A journal that hands every entry on to all of these, in their order. */
export function journalOf(journals: readonly Journal[]): Journal {
  return {
    webhook(entry) {
      for (const journal of journals) journal.webhook(entry);
    },
    delivery(entry) {
      for (const journal of journals) journal.delivery(entry);
    },
    trouble(entry) {
      for (const journal of journals) journal.trouble(entry);
    },
    replay(entry) {
      for (const journal of journals) journal.replay(entry);
    },
  };
}

/** The logger of one function; its level is POWERTOOLS_LOG_LEVEL. */
export function createLogger(serviceName = 'voucher-relay'): Logger {
  return new Logger({ serviceName });
}
