import { findFailures, type DemoObservation } from './check-demo.ts';
import { formatTable } from './table.ts';

/** The demo's result as text (a table and the differences), and whether every webhook matched its sample. */
export interface DemoReport {
  readonly text: string;
  readonly isAsExpected: boolean;
}

/** What the queue of a destination has had, and has. */
export interface DestinationQueueReport {
  readonly name: string;
  /** How many deliveries were put on it. */
  readonly sent: number;
  /** How many of them are left. */
  readonly waiting: number;
}

const MAX_ID_LENGTH = 24;

/**
 * Formats the result of the demo.
 * @param unmatchedDeliveries how many deliveries belong to no accepted webhook
 * @param queues the queue of each destination
 * @param tookSeconds how long the whole demo took
 */
export function formatDemoReport(
  observations: readonly DemoObservation[],
  unmatchedDeliveries: number,
  queues: readonly DestinationQueueReport[],
  tookSeconds: number,
): DemoReport {
  const destinations = [
    ...new Set(
      observations.flatMap(({ sample, deliveryCounts }) => [
        ...(sample.expect?.delivered ?? []),
        ...deliveryCounts.keys(),
      ]),
    ),
  ].sort();
  const rows = observations.map((each) => [
    each.sample.name,
    `${each.response.status} ${each.response.webhookStatus ?? 'rejected'}`,
    shorten(each.response.id ?? ''),
    ...destinations.map((name) => formatDeliveries(each, name)),
    findFailures(each).length === 0 ? 'as expected' : 'NOT as expected',
  ]);
  const failures = observations.flatMap((each) =>
    findFailures(each).map((failure) => `${each.sample.name}: ${failure}`),
  );
  if (unmatchedDeliveries > 0)
    failures.push(`deliveries that match no accepted webhook: ${unmatchedDeliveries}`);
  const failedCount = observations.filter((each) => findFailures(each).length > 0).length;
  const time = `in ${tookSeconds.toFixed(1)} seconds`;
  const summary =
    failures.length === 0
      ? `${observations.length} webhooks, all as expected, ${time}.`
      : `${failedCount} of ${observations.length} webhooks did NOT match their samples, ${time}.`;
  const text = [
    formatTable([['webhook', 'response', 'id', ...destinations, 'result'], ...rows]),
    '',
    formatTable([
      ['queue of a destination', 'deliveries', 'left'],
      ...queues.map(({ name, sent, waiting }) => [name, String(sent), String(waiting)]),
    ]),
    '',
    ...failures,
    summary,
  ].join('\n');
  return { text, isAsExpected: failures.length === 0 };
}

function formatDeliveries(
  { sample, deliveryCounts }: DemoObservation,
  destination: string,
): string {
  const count = deliveryCounts.get(destination) ?? 0;
  if (count === 0) return sample.expect?.duplicateOf === undefined ? '' : 'not again';
  return count === 1 ? 'received' : `received ${count} times`;
}

function shorten(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : `${id.slice(0, MAX_ID_LENGTH - 1)}…`;
}
