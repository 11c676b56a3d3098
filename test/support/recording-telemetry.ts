import type { DeliveryLog, ReplayLog, ErrorLog } from '../../lib/telemetry/log-lines.ts';
import type { Telemetry } from '../../lib/telemetry/telemetry.ts';

/** A telemetry that stores its log entries. */
export interface RecordingTelemetry extends Telemetry {
  readonly deliveries: DeliveryLog[];
  readonly errors: ErrorLog[];
  readonly replays: ReplayLog[];
}

/** Creates a telemetry for tests of fanOut, which receives no webhooks. */
export function recordingTelemetry(): RecordingTelemetry {
  const deliveries: DeliveryLog[] = [];
  const errors: ErrorLog[] = [];
  const replays: ReplayLog[] = [];
  return {
    deliveries,
    errors,
    replays,
    webhookReceived() {
      throw new Error('fanOut receives no webhooks');
    },
    deliveryProcessed: (entry) => void deliveries.push(entry),
    error: (entry) => void errors.push(entry),
    messageReplayed: (entry) => void replays.push(entry),
  };
}
