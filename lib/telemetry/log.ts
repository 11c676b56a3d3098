import { Logger } from '@aws-lambda-powertools/logger';
import type { Telemetry } from './telemetry.ts';

/** The logger of one function; its level is the variable POWERTOOLS_LOG_LEVEL. */
export function createLogger(serviceName = 'voucher-relay'): Logger {
  return new Logger({ serviceName });
}

/** Telemetry that writes JSON log lines (lib/telemetry/log-lines.ts). */
export function createLogTelemetry(logger: Logger): Telemetry {
  return {
    webhookReceived(entry) {
      if (entry.status === 'queued') logger.info('webhook', { ...entry });
      else logger.warn('webhook', { ...entry });
    },
    deliveryProcessed(entry) {
      const isGood = entry.status === 'delivered' || entry.status === 'duplicate';
      if (isGood) logger.info('delivery', { ...entry });
      else logger.warn('delivery', { ...entry });
    },
    attemptMade: () => {},
    batchDelivered: () => {},
    error(entry) {
      logger.error('error', { ...entry });
    },
    messageReplayed(entry) {
      logger.info('replay', { ...entry });
    },
  };
}
