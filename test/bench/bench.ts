import { parseArgs } from 'node:util';
import { type Lab, openLab } from './lab.ts';
import { machine } from './machine.ts';
import { reportOf } from './report.ts';
import { isMet, type Row } from './row.ts';
import { callRows } from './rows/calls.ts';
import { coldStartRows } from './rows/cold-start.ts';
import { fanOutRows } from './rows/fan-out.ts';
import { growthRows } from './rows/growth.ts';
import { hotPathRows } from './rows/hot-path.ts';
import { memoryRows } from './rows/memory.ts';
import { sizeRows } from './rows/sizes.ts';

const USAGE = `Usage: npm run bench [-- --json] [--only PART]
  --json  the figures for tools
  --only  one part: sizes, cold, hot, fan-out, growth, calls, memory`;

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
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const names = values.only === undefined ? Object.keys(PARTS) : [values.only];
if (names.some((name) => PARTS[name] === undefined)) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

const lab = await openLab((text) => process.stderr.write(`${text}\n`));
try {
  const rows: Row[] = [];
  for (const name of names) rows.push(...((await PARTS[name]?.(lab)) ?? []));
  const text = values.json
    ? JSON.stringify({ machine: machine(), rows: rows.map((row) => ({ ...row, met: isMet(row) })) })
    : `${machine()}\n\n${reportOf(rows)}`;
  process.stdout.write(`${text}\n`);
} finally {
  await lab.close();
}
