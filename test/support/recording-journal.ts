import type { DeliveryEntry, Journal, TroubleEntry } from '../../lib/platform/journal.ts';

/** A journal that remembers what it was told. */
export interface RecordingJournal extends Journal {
  readonly deliveries: DeliveryEntry[];
  readonly troubles: TroubleEntry[];
}

/** A journal for tests of fanOut, which receives no webhooks. */
export function recordingJournal(): RecordingJournal {
  const deliveries: DeliveryEntry[] = [];
  const troubles: TroubleEntry[] = [];
  return {
    deliveries,
    troubles,
    webhook() {
      throw new Error('fanOut receives no webhooks');
    },
    delivery: (entry) => void deliveries.push(entry),
    trouble: (entry) => void troubles.push(entry),
  };
}
