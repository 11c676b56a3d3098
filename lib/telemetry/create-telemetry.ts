import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { textOr } from '../platform/config.ts';
import { createEmbeddedMetrics } from './emf.ts';
import { createLogger, createLogJournal, type Journal, journalOf } from './telemetry.ts';
import { createMetricsJournal } from './metrics.ts';

/**
 * What every function reads about its logs and metrics. POWERTOOLS_LOG_LEVEL and
 * POWERTOOLS_METRICS_DISABLED are read by Powertools itself.
 */
export const TelemetrySettingsSchema = v.object({
  POWERTOOLS_SERVICE_NAME: textOr('voucher-relay'),
  POWERTOOLS_METRICS_NAMESPACE: textOr('VoucherRelay'),
});
export type TelemetrySettings = v.InferOutput<typeof TelemetrySettingsSchema>;

/** How a function tells what it does. */
export interface Telemetry {
  readonly journal: Journal;
  /**
   * The same handler, whose log lines carry the invocation (request id, cold start; Powertools adds
   * the X-Ray trace id) and whose metrics are written when it ends, by a fault too.
   */
  readonly observe: <Event, Answer>(
    handler: (event: Event, context: Context) => Promise<Answer>,
  ) => (event: Event, context: Context) => Promise<Answer>;
}

/** Logs and metrics of one function. */
export function createTelemetry(settings: TelemetrySettings): Telemetry {
  const { POWERTOOLS_METRICS_NAMESPACE: namespace, POWERTOOLS_SERVICE_NAME: service } = settings;
  const logger = createLogger(service);
  const metrics = createEmbeddedMetrics(namespace, service);
  return {
    journal: journalOf([createLogJournal(logger), createMetricsJournal(metrics.measure)]),
    observe: (handler) => async (event, context) => {
      logger.addContext(context);
      try {
        return await handler(event, context);
      } finally {
        metrics.publish();
      }
    },
  };
}
