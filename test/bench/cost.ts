import { ASSUMED } from './cost/assumptions.ts';
import { type Bill, billOf, PARTS, totalOf, type Usage } from './cost/bill.ts';
import { PRICES } from './cost/prices.ts';
import { measureUsage } from './cost/usage.ts';
import { openLab } from './lab.ts';
import { writeIntoDocument } from './document.ts';
import { machine } from './machine.ts';
import { markdownTable } from './report.ts';

const dollars = (value: number): string => `$${value.toFixed(2)}`;

function rowOf(part: (typeof PARTS)[number], bills: readonly Bill[]): string[] {
  return [part, ...bills.map((bill) => dollars(bill[part]))];
}

function tableOf(usages: readonly Usage[]): string {
  const bills = usages.map(billOf);
  const headings = usages.map(
    ({ destinations, ledger }) =>
      `${destinations} ${destinations === 1 ? 'destination' : 'destinations'}${ledger ? '' : ', no ledger'}`,
  );
  return markdownTable([
    ['a million webhooks', ...headings],
    ...PARTS.map((part) => rowOf(part, bills)),
    ['together', ...bills.map((bill) => dollars(totalOf(bill)))],
  ]);
}

const lab = await openLab((text) => process.stderr.write(`${text}\n`));
try {
  const usages = await measureUsage(lab);
  const [first] = usages;
  const milliseconds = (ms: number | undefined): string => `${(ms ?? Number.NaN).toFixed(1)} ms`;
  const text = [
    `Prices: ${PRICES.listedAt}. CPU measured on: ${machine()}.`,
    `receive takes ${milliseconds(first?.receiveCpuMs)} of CPU; a batch of ${ASSUMED.recordsABatch}: ` +
      usages
        .map(
          ({ destinations, ledger, batchCpuMs }) =>
            `${milliseconds(batchCpuMs)} (${destinations}${ledger ? '' : ', no ledger'})`,
        )
        .join(', '),
    '',
    tableOf(usages),
  ].join('\n');
  if (process.argv.includes('--write')) await writeIntoDocument('cost', text);
  process.stdout.write(`${text}\n`);
} finally {
  await lab.close();
}
