// node test/reconcile/large.ts [publications] [MB of heap]: an export of 100,000 publications, of which every
// 9,973rd did not come, compared in a process of 64 MB of heap. Prints what it takes. Run by hand.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import type { IndexEntry } from '../../lib/deliveries/index-rows.ts';
import { createMatcher } from '../../lib/reconcile/compare.ts';
import { createReconcile } from '../../lib/reconcile/reconcile.ts';
import type { Publication } from '../../lib/reconcile/publication.ts';
import { aPublication } from '../support/reconcile.ts';
import { startVoucherify } from '../support/voucherify-api.ts';

const ROLES = ['serve', 'compare'];
const [first = '100000', second = '64'] = process.argv.slice(2);
const role = ROLES.includes(first) ? first : 'start';
const COUNT = Number(role === 'start' ? first : second);
const FILE = fileURLToPath(import.meta.url);
const DAY_MS = 86_400_000;
const DROP_EVERY = 9_973;
const STARTED_MS = Date.now();

if (role === 'serve') await serve();
else if (role === 'compare') await compare();
else await start();

/** Starts the fake and the comparison in processes of their own, so that only the comparison is measured. */
async function start(): Promise<void> {
  const server = fork(FILE, ['serve', String(COUNT)]);
  const message: unknown[] = await once(server, 'message');
  const comparison = fork(FILE, ['compare', String(COUNT)], {
    execArgv: [`--max-old-space-size=${second}`],
    env: { ...process.env, SECRET: String(message[0]) },
  });
  const exit: unknown[] = await once(comparison, 'exit');
  server.kill();
  process.exitCode = Number(exit[0]);
}

async function serve(): Promise<void> {
  const api = await startVoucherify();
  for (let n = 0; n < COUNT; n += 1) {
    const at = new Date(STARTED_MS - 3 * DAY_MS + n).toISOString();
    api.publications.push(aPublication({ id: `pub_${n}`, codes: [`M-${n}`], at }));
  }
  process.send?.(api.secret());
}

/** Invented history: every code came but each 9,973rd. */
function find(publications: readonly Publication[]) {
  return publications.flatMap((publication) => {
    const n = Number(publication.codes[0]?.slice(2));
    const matcher = createMatcher([publication]);
    const entry: IndexEntry = {
      rowId: `whs_${n}`,
      event: 'voucherify.manual_distribution_schedule',
      webhookAt: publication.at,
      destinations: ['crm'],
      sortKey: '',
      siblings: [],
      publication: { id: `pub_${n}`, at: publication.at, sender: 'distr_w4' },
    };
    if (n % DROP_EVERY !== 0) matcher.add([entry]);
    return matcher.finish();
  });
}

async function compare(): Promise<void> {
  let peak = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }, 20);
  const reconcile = createReconcile({
    readCredentials: async () => process.env['SECRET'] ?? '',
    history: { find: async (all) => find(all), hashCodes: async (codes) => codes },
    historyDays: 90,
    receiveQuarantined: async () => [],
    endpoint: null,
    now: () => new Date(),
    wait,
  });
  const since = new Date(STARTED_MS - 4 * DAY_MS).toISOString();
  let continuation: unknown = null;
  let largest = 0;
  let slices = 0;
  const begin = performance.now();
  for (;;) {
    const report = await reconcile({ command: 'reconcile', since, continuation });
    slices += 1;
    largest = Math.max(largest, JSON.stringify(report).length);
    if (report.continuation === null) {
      const { counts, calls } = report.result ?? {};
      console.log(JSON.stringify({ counts, calls, failure: report.failure }));
      const expected = Math.ceil(COUNT / DROP_EVERY);
      if (counts?.missing !== expected) process.exitCode = 1;
      break;
    }
    continuation = JSON.parse(JSON.stringify(report.continuation));
  }
  clearInterval(sampler);
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    `${COUNT} publications: ${seconds} s, ${slices} slices, heap up to ${mb(peak)}, largest report ${mb(largest)}`,
  );
}
