import type { DeliveryLog, ReplayLog, ErrorLog } from '../../lib/telemetry/log-lines.ts';
import type { AttemptMade, BatchDelivered, Telemetry } from '../../lib/telemetry/telemetry.ts';

/** A telemetry that stores its log entries. */
export interface RecordingTelemetry extends Telemetry {
  readonly deliveries: DeliveryLog[];
  readonly attempts: AttemptMade[];
  readonly batches: BatchDelivered[];
  readonly errors: ErrorLog[];
  readonly replays: ReplayLog[];
}

/** Creates a telemetry for tests of fanOut, which receives no webhooks. */
export function recordingTelemetry(): RecordingTelemetry {
  const deliveries: DeliveryLog[] = [];
  const attempts: AttemptMade[] = [];
  const batches: BatchDelivered[] = [];
  const errors: ErrorLog[] = [];
  const replays: ReplayLog[] = [];
  return {
    deliveries,
    attempts,
    batches,
    errors,
    replays,
    webhookReceived() {
      throw new Error('fanOut receives no webhooks');
    },
    deliveryProcessed: (entry) => void deliveries.push(entry),
    attemptMade: (entry) => void attempts.push(entry),
    batchDelivered: (entry) => void batches.push(entry),
    error: (entry) => void errors.push(entry),
    messageReplayed: (entry) => void replays.push(entry),
  };
}
