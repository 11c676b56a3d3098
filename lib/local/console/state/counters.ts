import type { DeliveryEntry } from '../../../telemetry/telemetry.ts';
import { createSeries, type Series } from './time-series.ts';

/** The parts of the flow that are counted. */
const STATIONS = ['endpoint', 'records', 'fanOut', 'retries', 'deadLetters', 'quarantine'] as const;
export type StationName = (typeof STATIONS)[number];

/** What was counted at a destination. */
export interface DestinationTally {
  delivered: number;
  failed: number;
  readonly series: Series;
}

interface StationTally {
  total: number;
  readonly series: Series;
}

/** Counts what happens, since the start and in the last minutes. */
export interface Tally {
  count(station: StationName, atMs: number): void;
  call(answer: number, atMs: number): void;
  delivery(destination: string, outcome: DeliveryEntry['outcome'], atMs: number): void;
  total(station: StationName): number;
  refused(): number;
  series(station: StationName, nowMs: number): number[];
  destinations(): ReadonlyMap<string, DestinationTally>;
}

/** A tally in which everything is zero. */
export function createTally(): Tally {
  const stations = new Map(
    STATIONS.map((name): [StationName, StationTally] => [
      name,
      { total: 0, series: createSeries() },
    ]),
  );
  const destinations = new Map<string, DestinationTally>();
  let refused = 0;
  const count = (name: StationName, atMs: number): void => {
    const station = stations.get(name);
    if (station === undefined) return;
    station.total += 1;
    station.series.add(atMs);
  };
  return {
    count,
    call(answer, atMs) {
      count('endpoint', atMs);
      if (answer >= 400) refused += 1;
    },
    delivery(destination, outcome, atMs) {
      const before = destinations.get(destination);
      const kept = before ?? { delivered: 0, failed: 0, series: createSeries() };
      destinations.set(destination, kept);
      kept.series.add(atMs);
      if (outcome === 'delivered') kept.delivered += 1;
      else if (outcome !== 'duplicate') kept.failed += 1;
    },
    total: (name) => stations.get(name)?.total ?? 0,
    refused: () => refused,
    series: (name, nowMs) => stations.get(name)?.series.counts(nowMs) ?? [],
    destinations: () => destinations,
  };
}
