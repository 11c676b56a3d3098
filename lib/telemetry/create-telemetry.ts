import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { stringWithDefault } from '../platform/config.ts';
import { createEmbeddedMetrics } from './emf.ts';
import { createLogger, createLogTelemetry } from './log.ts';
import { createMetricsTelemetry } from './metrics.ts';
import { combineTelemetry, type Telemetry } from './telemetry.ts';

/**
 * The environment variables of every function's logs and metrics. Powertools itself reads
 * POWERTOOLS_LOG_LEVEL.
 */
export const TelemetrySettingsSchema = v.object({
  POWERTOOLS_SERVICE_NAME: stringWithDefault('voucher-relay'),
  POWERTOOLS_METRICS_NAMESPACE: stringWithDefault('VoucherRelay'),
});
export type TelemetrySettings = v.InferOutput<typeof TelemetrySettingsSchema>;

/** The telemetry of one function, and the wrapper for its handler. */
export interface FunctionTelemetry {
  readonly telemetry: Telemetry;
  /**
   * Wraps a handler: its log lines carry the invocation (request id, cold start; Powertools adds the
   * X-Ray trace id), and its metrics are written when it ends, also when it throws.
   */
  readonly withTelemetry: <Event, Output>(
    handler: (event: Event, context: Context) => Promise<Output>,
  ) => (event: Event, context: Context) => Promise<Output>;
}

/** Creates the logs and metrics of one function. */
export function createTelemetry(settings: TelemetrySettings): FunctionTelemetry {
  const { POWERTOOLS_METRICS_NAMESPACE: namespace, POWERTOOLS_SERVICE_NAME: service } = settings;
  const logger = createLogger(service);
  const metrics = createEmbeddedMetrics({
    namespace,
    service,
    now: () => new Date(),
    write: (text) => process.stdout.write(text),
  });
  return {
    telemetry: combineTelemetry(
      createLogTelemetry(logger),
      createMetricsTelemetry(metrics.measure),
    ),
    withTelemetry: (handler) => async (event, context) => {
      logger.addContext(context);
      try {
        return await handler(event, context);
      } finally {
        metrics.publish();
      }
    },
  };
}
