import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { runCli } from '../../lib/local/cli/run-cli.ts';
import {
  type Bill,
  type BillInput,
  computeBill,
  computeDelivery,
  computeIndexKey,
  computeTotal,
  PARTS,
} from './cost/bill.ts';
import { PRICES } from './cost/prices.ts';
import { measureUsage } from './cost/usage.ts';
import { openBench } from './open-bench.ts';
import { writeToDocument } from './write-to-document.ts';
import { describeMachine } from './machine.ts';
import { markdownTable } from './report.ts';

const formatDollars = (value: number): string => `$${value.toFixed(2)}`;

function toCostRow(part: (typeof PARTS)[number], bills: readonly Bill[]): string[] {
  return [part, ...bills.map((bill) => formatDollars(bill[part]))];
}

function formatCostTable(usages: readonly BillInput[]): string {
  const bills = usages.map(computeBill);
  const headings = usages.map(
    ({ destinations, course }) =>
      `${destinations} ${destinations === 1 ? 'destination' : 'destinations'}, ${course.name}`,
  );
  const bars = usages.map(({ destinations, course }) =>
    destinations === BAR_DESTINATIONS ? `at most ${formatDollars(course.barDollars)}` : '',
  );
  return markdownTable([
    ['a million webhooks', ...headings],
    ...PARTS.map((part) => toCostRow(part, bills)),
    ['total', ...bills.map((bill) => formatDollars(computeTotal(bill)))],
    ['bar', ...bars],
    ['each key of the index', ...usages.map((usage) => formatDollars(computeIndexKey(usage)))],
    ['bar', ...usages.map(() => `at most ${formatDollars(INDEX_KEY_BAR_DOLLARS)}`)],
    ['with all its keys', ...usages.map((usage) => formatDollars(computeWithIndex(usage)))],
  ]);
}

/** The total with the index rows. */
function computeWithIndex(usage: BillInput): number {
  return computeTotal(computeBill(usage)) + usage.index.keys * computeIndexKey(usage);
}

/** For each usage that has a bar whether its total is within it, and for each its index rows. */
function areBarsMet(usages: readonly BillInput[]): boolean {
  const isIndexWithin = usages.every((usage) => computeIndexKey(usage) <= INDEX_KEY_BAR_DOLLARS);
  const isTotalWithin = usages
    .filter(({ destinations }) => destinations === BAR_DESTINATIONS)
    .every((usage) => computeTotal(computeBill(usage)) <= usage.course.barDollars);
  return isIndexWithin && isTotalWithin;
}

/** The bars are those of a million webhooks with so many destinations. */
const BAR_DESTINATIONS = 3;
/** The bar for each key of the index. */
const INDEX_KEY_BAR_DOLLARS = 0.65;

const USAGE = `Usage: npm run cost [-- --write]
  Computes the AWS bill of a million webhooks from measured work. Exits with 1 when a bar is not met.
  --write  write the table to docs/performance.md`;

await runCli(async (print) => {
  const { values } = parseArguments(
    { options: { write: { type: 'boolean', default: false } } },
    USAGE,
  );
  const bench = await openBench((text) => process.stderr.write(`${text}\n`));
  try {
    const usages = await measureUsage(bench);
    const ms = (value: number): string => `${value.toFixed(1)} ms`;
    const text = [
      `Prices: ${PRICES.listedAt}. CPU measured on: ${describeMachine()}.`,
      ...usages.map(
        ({ destinations, course, routeCpuMs, deliverCpuMs, receiveCpuMs }) =>
          `- ${course.name}, ${destinations} ${destinations === 1 ? 'destination' : 'destinations'}: receive takes ${ms(receiveCpuMs)} of CPU, routing a batch ${ms(routeCpuMs)}, delivering one ${ms(deliverCpuMs)}`,
      ),
      '',
      formatCostTable(usages),
      '',
      ...usages.slice(0, 1).map((usage) => {
        const { queue, all } = computeDelivery(usage);
        return `A record has ${usage.index.keys} keys in the index; a row of it has ${usage.index.rowBytes} bytes. One more destination adds ${formatDollars(all)} to a million webhooks in full batches; ${formatDollars(queue)} of it is the queue in front of it.`;
      }),
    ].join('\n');
    if (values.write) await writeToDocument('cost', text);
    print(text);
    return areBarsMet(usages) ? 0 : 1;
  } finally {
    await bench.close();
  }
});
