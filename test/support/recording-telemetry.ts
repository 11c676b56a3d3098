import type {
  DeliveryEntry,
  Journal,
  ReplayEntry,
  TroubleEntry,
} from '../../lib/telemetry/telemetry.ts';

/** A journal that remembers what it was told. */
export interface RecordingJournal extends Journal {
  readonly deliveries: DeliveryEntry[];
  readonly troubles: TroubleEntry[];
  readonly replays: ReplayEntry[];
}

/** A journal for tests of fanOut, which receives no webhooks. */
export function recordingJournal(): RecordingJournal {
  const deliveries: DeliveryEntry[] = [];
  const troubles: TroubleEntry[] = [];
  const replays: ReplayEntry[] = [];
  return {
    deliveries,
    troubles,
    replays,
    webhook() {
      throw new Error('fanOut receives no webhooks');
    },
    delivery: (entry) => void deliveries.push(entry),
    trouble: (entry) => void troubles.push(entry),
    replay: (entry) => void replays.push(entry),
  };
}
