import { parseArgs } from 'node:util';
import { type Lab, openLab } from './lab.ts';
import { machine } from './machine.ts';
import { writeIntoDocument } from './document.ts';
import { markdownTable, reportOf } from './report.ts';
import { compareRivals, rivalCells } from './rival-table.ts';
import { areRivalsInstalled } from './rivals/rivals.ts';
import { isMet, type Row } from './row.ts';
import { callRows } from './rows/calls.ts';
import { coldStartRows } from './rows/cold-start.ts';
import { fanOutRows } from './rows/fan-out.ts';
import { growthRows } from './rows/growth.ts';
import { hotPathRows } from './rows/hot-path.ts';
import { memoryRows } from './rows/memory.ts';
import { sizeRows } from './rows/sizes.ts';

const USAGE = `Usage: npm run bench [-- --json] [--only PART] [--write]
  --json   the figures for tools
  --only   one part: sizes, cold, hot, fan-out, growth, calls, memory, rivals
  --write  puts the tables into docs/performance.md`;
const INSTALL = 'Rivals are not measured: npm ci --prefix test/bench installs them.';
const RIVALS = 'rivals';

const PARTS: Readonly<Record<string, (lab: Lab) => Promise<Row[]>>> = {
  sizes: sizeRows,
  cold: coldStartRows,
  hot: hotPathRows,
  'fan-out': fanOutRows,
  growth: growthRows,
  calls: callRows,
  memory: memoryRows,
};

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const { json, only, write } = values;
if (only !== undefined && only !== RIVALS && PARTS[only] === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

const lab = await openLab((text) => process.stderr.write(`${text}\n`));
try {
  const rows: Row[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (only === undefined || only === name) rows.push(...(await part(lab)));
  }
  const wantsRivals = only === undefined || only === RIVALS;
  const rivals = wantsRivals && areRivalsInstalled() ? await compareRivals(lab) : [];
  const judged = rows.map((row) => ({ ...row, met: isMet(row) }));
  const text = [
    `${new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)}, ${machine()}.`,
    ...(rows.length === 0 ? [] : [reportOf(rows)]),
    ...(rivals.length === 0 ? [] : [markdownTable(rivalCells(rivals))]),
    ...(wantsRivals && rivals.length === 0 ? [INSTALL] : []),
  ].join('\n\n');
  if (write) await writeIntoDocument('bench', text);
  process.stdout.write(
    json ? `${JSON.stringify({ machine: machine(), rows: judged, rivals })}\n` : `${text}\n`,
  );
} finally {
  await lab.close();
}
