import type { DeliveryLog } from '../../../telemetry/log-lines.ts';
import { createTimeSeries, type TimeSeries } from './time-series.ts';

/** The parts of the flow that are counted. */
const FLOW_NODES = [
  'endpoint',
  'records',
  'fanOut',
  'retries',
  'deadLetters',
  'quarantine',
] as const;
export type FlowNodeName = (typeof FLOW_NODES)[number];

/** What was counted at a destination. */
export interface DestinationCounters {
  delivered: number;
  failed: number;
  readonly series: TimeSeries;
}

interface NodeCounters {
  total: number;
  readonly series: TimeSeries;
}

/** Counts what happens, since the start and in the last minutes. */
export interface Counters {
  increment(node: FlowNodeName, atMs: number): void;
  countWebhook(responseStatus: number, atMs: number): void;
  countDelivery(destination: string, status: DeliveryLog['status'], atMs: number): void;
  total(node: FlowNodeName): number;
  rejected(): number;
  series(node: FlowNodeName, nowMs: number): number[];
  destinations(): ReadonlyMap<string, DestinationCounters>;
}

/** A tally in which everything is zero. */
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
    countWebhook(responseStatus, atMs) {
      increment('endpoint', atMs);
      if (responseStatus >= 400) rejected += 1;
    },
    countDelivery(destination, status, atMs) {
      const existing = destinations.get(destination);
      const counted = existing ?? { delivered: 0, failed: 0, series: createTimeSeries() };
      destinations.set(destination, counted);
      counted.series.add(atMs);
      if (status === 'delivered') counted.delivered += 1;
      else if (status !== 'duplicate') counted.failed += 1;
    },
    total: (name) => nodes.get(name)?.total ?? 0,
    rejected: () => rejected,
    series: (name, nowMs) => nodes.get(name)?.series.counts(nowMs) ?? [],
    destinations: () => destinations,
  };
}
