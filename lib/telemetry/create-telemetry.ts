import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { stringWithDefault } from '../platform/config.ts';
import { createEmbeddedMetrics } from './emf.ts';
import { createLogger, createLogTelemetry, type Telemetry, combineTelemetry } from './telemetry.ts';
import { createMetricsTelemetry } from './metrics.ts';

/** What every function reads about its logs and metrics. Powertools reads POWERTOOLS_LOG_LEVEL itself. */
export const TelemetrySettingsSchema = v.object({
  POWERTOOLS_SERVICE_NAME: stringWithDefault('voucher-relay'),
  POWERTOOLS_METRICS_NAMESPACE: stringWithDefault('VoucherRelay'),
});
export type TelemetrySettings = v.InferOutput<typeof TelemetrySettingsSchema>;

/** How a function tells what it does. */
export interface FunctionTelemetry {
  readonly telemetry: Telemetry;
  /**
   * The same handler, whose log lines carry the invocation (request id, cold start; Powertools adds
   * the X-Ray trace id) and whose metrics are written when it ends, by a fault too.
   */
  readonly withTelemetry: <Event, Output>(
    handler: (event: Event, context: Context) => Promise<Output>,
  ) => (event: Event, context: Context) => Promise<Output>;
}

/** Logs and metrics of one function. */
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
    telemetry: combineTelemetry([
      createLogTelemetry(logger),
      createMetricsTelemetry(metrics.measure),
    ]),
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
