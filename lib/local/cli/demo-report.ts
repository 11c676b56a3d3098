import { faultsOf, type Seen } from './check-demo.ts';
import { table } from './table.ts';

/** A demo's result for a person: a table, what went wrong, and whether everything went as it should. */
export interface DemoReport {
  readonly text: string;
  readonly asExpected: boolean;
}

const LONGEST_ID = 24;

/**
 * @param strays how many deliveries belong to no webhook that was taken
 * @param tookSeconds how long the whole demo took
 */
export function demoReport(seen: readonly Seen[], strays: number, tookSeconds: number): DemoReport {
  const destinations = [
    ...new Set(
      seen.flatMap(({ sample, arrivals }) => [
        ...(sample.expect?.delivered ?? []),
        ...arrivals.keys(),
      ]),
    ),
  ].sort();
  const rows = seen.map((each) => [
    each.sample.name,
    `${each.answer.status} ${each.answer.outcome ?? 'refused'}`,
    shortened(each.answer.id ?? ''),
    ...destinations.map((name) => received(each, name)),
    faultsOf(each).length === 0 ? 'as expected' : 'NOT as expected',
  ]);
  const faults = seen.flatMap((each) =>
    faultsOf(each).map((fault) => `${each.sample.name}: ${fault}`),
  );
  if (strays > 0) faults.push(`deliveries that belong to no webhook that was taken: ${strays}`);
  const wrong = seen.filter((each) => faultsOf(each).length > 0).length;
  const time = `in ${tookSeconds.toFixed(1)} seconds`;
  const closing =
    faults.length === 0
      ? `${seen.length} webhooks, all of them as expected, ${time}.`
      : `${wrong} of ${seen.length} webhooks did NOT go as their samples say, ${time}.`;
  const text = [
    table([['webhook', 'answer', 'record', ...destinations, 'went'], ...rows]),
    '',
    ...faults,
    closing,
  ].join('\n');
  return { text, asExpected: faults.length === 0 };
}

function received({ sample, arrivals }: Seen, destination: string): string {
  const count = arrivals.get(destination) ?? 0;
  if (count === 0) return sample.expect?.duplicateOf === undefined ? '' : 'not again';
  return count === 1 ? 'received' : `received ${count} times`;
}

function shortened(id: string): string {
  return id.length <= LONGEST_ID ? id : `${id.slice(0, LONGEST_ID - 1)}…`;
}
