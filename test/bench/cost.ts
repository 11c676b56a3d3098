import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { runCli } from '../../lib/local/cli/run-cli.ts';
import { ASSUMPTIONS } from './cost/assumptions.ts';
import { type Bill, computeBill, PARTS, computeTotal, type BillInput } from './cost/bill.ts';
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
    ({ destinations, usesTable }) =>
      `${destinations} ${destinations === 1 ? 'destination' : 'destinations'}${usesTable ? '' : ', no deliveries table'}`,
  );
  return markdownTable([
    ['a million webhooks', ...headings],
    ...PARTS.map((part) => toCostRow(part, bills)),
    ['total', ...bills.map((bill) => formatDollars(computeTotal(bill)))],
  ]);
}

const USAGE = `Usage: npm run cost [-- --write]
  Computes the AWS bill of a million webhooks from measured work.
  --write  write the table to docs/performance.md`;

await runCli(async (print) => {
  const { values } = parseArguments(
    { options: { write: { type: 'boolean', default: false } } },
    USAGE,
  );
  const bench = await openBench((text) => process.stderr.write(`${text}\n`));
  try {
    const usages = await measureUsage(bench);
    const [first] = usages;
    const formatMilliseconds = (ms: number | undefined): string =>
      `${(ms ?? Number.NaN).toFixed(1)} ms`;
    const text = [
      `Prices: ${PRICES.listedAt}. CPU measured on: ${describeMachine()}.`,
      `receive takes ${formatMilliseconds(first?.receiveCpuMs)} of CPU; a batch of ${ASSUMPTIONS.recordsPerBatch}: ` +
        usages
          .map(
            ({ destinations, usesTable, batchCpuMs }) =>
              `${formatMilliseconds(batchCpuMs)} (${destinations}${usesTable ? '' : ', no deliveries table'})`,
          )
          .join(', '),
      '',
      formatCostTable(usages),
    ].join('\n');
    if (values.write) await writeToDocument('cost', text);
    print(text);
    return 0;
  } finally {
    await bench.close();
  }
});
