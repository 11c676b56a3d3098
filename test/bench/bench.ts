import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { runCli, UsageError } from '../../lib/local/cli/run-cli.ts';
import { type Bench, openBench } from './open-bench.ts';
import { describeMachine } from './machine.ts';
import { writeToDocument } from './write-to-document.ts';
import { markdownTable, formatReport } from './report.ts';
import { compareRivals, toBestRivalRow, toRivalCells } from './rival-table.ts';
import { areRivalsInstalled } from './rivals/rivals.ts';
import { meetsTarget, type BenchRow } from './row.ts';
import { measureCalls } from './rows/calls.ts';
import { measureColdStarts } from './rows/cold-start.ts';
import { measureFanOut } from './rows/fan-out.ts';
import { measureGrowth } from './rows/growth.ts';
import { measureWarmHandler } from './rows/warm-handler.ts';
import { measureMemory } from './rows/memory.ts';
import { measureSizes } from './rows/sizes.ts';

const USAGE = `Usage: npm run bench [-- --json] [--only PART] [--write]
  --json   print the figures as JSON
  --only   measure one part: sizes, cold, warm, fan-out, growth, calls, memory, rivals
  --write  write the tables to docs/performance.md`;
const INSTALL_HINT =
  'The rivals are not installed and not measured. To install them: npm ci --prefix test/bench';
const RIVALS_PART = 'rivals';

const PARTS: Readonly<Record<string, (bench: Bench) => Promise<BenchRow[]>>> = {
  sizes: measureSizes,
  cold: measureColdStarts,
  warm: measureWarmHandler,
  'fan-out': measureFanOut,
  growth: measureGrowth,
  calls: measureCalls,
  memory: measureMemory,
};

await runCli(async (print) => {
  const { values } = parseArguments(
    {
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
      },
    },
    USAGE,
  );
  const { json, only, write } = values;
  if (only !== undefined && only !== RIVALS_PART && PARTS[only] === undefined)
    throw new UsageError(`There is no part ${only}.\n${USAGE}`);

  const bench = await openBench((text) => process.stderr.write(`${text}\n`));
  try {
    const rows: BenchRow[] = [];
    for (const [name, part] of Object.entries(PARTS)) {
      if (only === undefined || only === name) rows.push(...(await part(bench)));
    }
    const shouldCompareRivals = only === undefined || only === RIVALS_PART;
    const rivals = shouldCompareRivals && areRivalsInstalled() ? await compareRivals(bench) : [];
    if (rivals.length > 0) rows.push(toBestRivalRow(rivals));
    const rowsWithMet = rows.map((row) => ({ ...row, met: meetsTarget(row) }));
    const text = [
      `${new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)}, ${describeMachine()}.`,
      ...(rows.length === 0 ? [] : [formatReport(rows)]),
      ...(rivals.length === 0 ? [] : [markdownTable(toRivalCells(rivals))]),
      ...(shouldCompareRivals && rivals.length === 0 ? [INSTALL_HINT] : []),
    ].join('\n\n');
    if (write) await writeToDocument('bench', text);
    print(json ? JSON.stringify({ machine: describeMachine(), rows: rowsWithMet, rivals }) : text);
    return 0;
  } finally {
    await bench.close();
  }
});
