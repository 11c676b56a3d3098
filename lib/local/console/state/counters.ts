import type { DeliveryStatus } from '../../../telemetry/statuses.ts';

import { createTimeSeries, type TimeSeries } from './time-series.ts';

const FLOW_NODES = ['endpoint', 'records', 'fanOut', 'deadLetters', 'quarantine'] as const;
/** The parts of the pipeline that are counted. */
export type FlowNodeName = (typeof FLOW_NODES)[number];

/** The counts of one destination. The series counts attempts. */
export interface DestinationCounters {
  delivered: number;
  readonly series: TimeSeries;
}

interface NodeCounters {
  total: number;
  readonly series: TimeSeries;
}

/** Counts events since the start and in the last minutes. */
export interface Counters {
  increment(node: FlowNodeName, atMs: number): void;
  countWebhook(httpStatus: number, atMs: number): void;
  countAttempt(destination: string, status: DeliveryStatus, atMs: number): void;
  total(node: FlowNodeName): number;
  rejected(): number;
  series(node: FlowNodeName, nowMs: number): number[];
  destinations(): ReadonlyMap<string, DestinationCounters>;
}

/** Creates counters that are all zero. */
export function createCounters(): Counters {
  const nodes = new Map(
    FLOW_NODES.map((name): [FlowNodeName, NodeCounters] => [
      name,
      { total: 0, series: createTimeSeries() },
    ]),
  );
  const destinations = new Map<string, DestinationCounters>();
  let rejected = 0;
  const increment = (name: FlowNodeName, atMs: number): void => {
    const node = nodes.get(name);
    if (node === undefined) return;
    node.total += 1;
    node.series.add(atMs);
  };
  return {
    increment,
    countWebhook(httpStatus, atMs) {
      increment('endpoint', atMs);
      if (httpStatus >= 400) rejected += 1;
    },
    countAttempt(destination, status, atMs) {
      const counted = destinations.get(destination) ?? { delivered: 0, series: createTimeSeries() };
      destinations.set(destination, counted);
      counted.series.add(atMs);
      if (status === 'delivered') counted.delivered += 1;
    },
    total: (name) => nodes.get(name)?.total ?? 0,
    rejected: () => rejected,
    series: (name, nowMs) => nodes.get(name)?.series.counts(nowMs) ?? [],
    destinations: () => destinations,
  };
}
