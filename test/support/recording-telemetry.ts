import type {
  DeliveryLog,
  Telemetry,
  ReplayLog,
  OperationalError,
} from '../../lib/telemetry/telemetry.ts';

/** A telemetry that stores its log entries. */
export interface RecordingTelemetry extends Telemetry {
  readonly deliveries: DeliveryLog[];
  readonly errors: OperationalError[];
  readonly replays: ReplayLog[];
}

/** Creates a telemetry for tests of fanOut, which receives no webhooks. */
export function recordingTelemetry(): RecordingTelemetry {
  const deliveries: DeliveryLog[] = [];
  const errors: OperationalError[] = [];
  const replays: ReplayLog[] = [];
  return {
    deliveries,
    errors,
    replays,
    webhookReceived() {
      throw new Error('fanOut receives no webhooks');
    },
    deliveryAttempted: (entry) => void deliveries.push(entry),
    error: (entry) => void errors.push(entry),
    messageReplayed: (entry) => void replays.push(entry),
  };
}
