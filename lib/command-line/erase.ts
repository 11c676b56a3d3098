import * as v from 'valibot';
import { formatTable } from '../local/cli/table.ts';
import { splitEvery } from '../split-every.ts';
import type { FinishedRun } from '../operator/run-to-end.ts';
import { confirmCount } from './confirm.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './operator-client.ts';
import { askPersonalValues } from './personal-value.ts';
import { countFound, explainEnd, isComplete, scan, SCANNED_QUEUES } from './scan.ts';

/** The options of `erase`, as osls reads them. */
export interface EraseOptions {
  readonly customer?: boolean;
  readonly code?: boolean;
  readonly 'dry-run'?: boolean;
  readonly confirm?: string;
}

const ReportSchema = v.object({
  rowIds: v.array(v.string()),
  indexRows: v.number(),
  deliveries: v.record(v.string(), v.number()),
  withoutSiblings: v.nullish(v.number(), 0),
  continuation: v.nullish(v.record(v.string(), v.unknown()), null),
});

/** As many values as one request takes. */
const MAX_VALUES = 50;
/** A request of Lambda has 6 MB at most, and an id up to 512 characters. */
const MAX_IDS = 10_000;

/** What a person was named by. */
interface Person {
  readonly customers: readonly string[];
  readonly codes: readonly string[];
}

/** What is known of a person in the table. */
interface ErasedRows {
  readonly rowIds: readonly string[];
  readonly indexRows: number;
  readonly deliveries: Readonly<Record<string, number>>;
  readonly withoutSiblings: number;
}

/** What was found, and what was erased of it. */
interface Found {
  readonly rows: ErasedRows;
  readonly queues: readonly FinishedRun[];
}

/**
 * Erases a person: from the index and the rows of the deliveries table, from [dead-letters] and from
 * [quarantine]; what waits is dropped at its next take. It looks first, and wants the number of what it found.
 * @throws CommandError
 */
export async function erasePerson(context: CommandContext, options: EraseOptions): Promise<void> {
  const { terminal, isJson } = context;
  const person = await readPerson(context, options);
  const found = await eraseAll(context, person, true);
  const count = countAll(found);
  // what an erasure that was interrupted has left: hashes, and rows that are erased already
  const isNothingLeft = count === 0 && found.rows.indexRows === 0;
  if (options['dry-run'] === true || isNothingLeft) {
    print(context, found, true);
    return;
  }
  if (!isJson) terminal.note(formatFound(found, true));
  for (const line of found.queues.flatMap(explainEnd)) terminal.note(line);
  if (count > 0) {
    const question = `${count} deliveries and messages are erased, for ever.`;
    await confirmCount(context, count, question, options.confirm);
  }
  const erased = await eraseAll(context, person, false);
  print(context, erased, false);
  if (!isAllErased(erased)) {
    throw new CommandError(
      'Not everything was erased. Run the same command again in some minutes.',
    );
  }
}

async function readPerson(
  context: CommandContext,
  { customer, code }: EraseOptions,
): Promise<Person> {
  if ((customer === true) === (code === true)) {
    throw new CommandError(
      'Give --customer or --code. The values are asked for, or read from standard input, one a line.',
    );
  }
  const values = await askPersonalValues(
    context,
    customer === true ? 'E-mail or source id of the customer' : 'Code',
  );
  if (values.length === 0) throw new CommandError('Nothing was given: nothing is erased.');
  if (values.length > MAX_VALUES) {
    throw new CommandError(
      `${values.length} lines were given. Give ${MAX_VALUES} at most, and run it again for the others.`,
    );
  }
  return customer === true ? { customers: values, codes: [] } : { customers: [], codes: values };
}

/**
 * The rows first, so that nothing that waits becomes a dead letter any more; then the messages; the index last,
 * so that an erasure that fails can be repeated.
 */
async function eraseAll(context: CommandContext, person: Person, dryRun: boolean): Promise<Found> {
  const rows = await eraseRows(context, person, { dryRun, keepIndex: true });
  const texts = [...person.customers, ...person.codes];
  const queues: FinishedRun[] = [];
  for (const from of SCANNED_QUEUES) {
    // the texts are searched once, with the first ids
    const parts = rows.rowIds.length === 0 ? [null] : splitEvery(MAX_IDS, rows.rowIds);
    for (const [index, ids] of parts.entries()) {
      const what = { ids, ...(index === 0 && { texts }) };
      queues.push(await scan(context, { command: 'erase-queue', from, ...what, dryRun }));
    }
  }
  const found = { rows, queues };
  if (dryRun || !isAllErased(found)) return found;
  const { indexRows, rowIds } = await eraseRows(context, person, { dryRun, keepIndex: false });
  const newIds = rowIds.filter((id) => !rows.rowIds.includes(id));
  for (const from of newIds.length === 0 ? [] : SCANNED_QUEUES) {
    // webhooks that came meanwhile
    queues.push(await scan(context, { command: 'erase-queue', from, ids: newIds, dryRun }));
  }
  return { rows: { ...rows, indexRows }, queues };
}

/** A message that came after a scan began may be the person's, too. */
function isAllErased({ queues }: Found): boolean {
  return queues.every((run) => isComplete(run) && run.report.later === 0);
}

async function eraseRows(
  { call, terminal, stopSignal, destinations }: CommandContext,
  { customers, codes }: Person,
  { dryRun, keepIndex }: { readonly dryRun: boolean; readonly keepIndex: boolean },
): Promise<ErasedRows> {
  const rowIds = new Set<string>();
  const deliveries: Record<string, number> = {};
  let [indexRows, withoutSiblings] = [0, 0];
  let continuation: object | null = null;
  do {
    if (stopSignal.aborted) {
      throw new CommandError(
        `Stopped.${dryRun ? ' Nothing was changed.' : ' A part is erased: run the same command again for the rest.'}`,
      );
    }
    const report: v.InferOutput<typeof ReportSchema> = v.parse(
      ReportSchema,
      await call({
        command: 'erase',
        customers,
        codes,
        destinations: destinations.map(({ id }) => id),
        dryRun,
        keepIndex,
        continuation,
      }),
    );
    for (const id of report.rowIds) rowIds.add(id);
    for (const [state, count] of Object.entries(report.deliveries)) {
      deliveries[state] = (deliveries[state] ?? 0) + count;
    }
    indexRows += report.indexRows;
    withoutSiblings += report.withoutSiblings ?? 0;
    ({ continuation } = report);
    terminal.progress(`${rowIds.size} webhooks of the person ${dryRun ? 'found' : 'erased'}`);
  } while (continuation !== null);
  terminal.progress(null);
  return { rowIds: [...rowIds], indexRows, deliveries, withoutSiblings };
}

/** What was erased before counts no more: an erasure that is repeated says so. */
function countAll({ rows, queues }: Found): number {
  const { erased: _erased, ...left } = rows.deliveries;
  const deliveries = Object.values(left).reduce((total, count) => total + count, 0);
  return queues.reduce((total, { report }) => total + countFound(report), deliveries);
}

function print(context: CommandContext, found: Found, dryRun: boolean): void {
  const { terminal, isJson } = context;
  if (isJson) {
    const { rowIds, ...rows } = found.rows;
    const queues = found.queues.map(({ report }) => ({
      from: report.from,
      scanned: report.scanned,
      matched: countFound(report),
      failed: report.failed,
    }));
    terminal.print(
      JSON.stringify(
        { dryRun, count: countAll(found), webhooks: rowIds.length, ...rows, queues },
        null,
        2,
      ),
    );
  } else {
    terminal.print(formatFound(found, dryRun));
    terminal.print(REMAINS);
  }
  for (const line of found.queues.flatMap(explainEnd)) terminal.note(line);
}

/** docs/privacy.md says the same at length. */
const REMAINS = `
What this cannot reach:
- what is on its way while it runs: a record on [records], a delivery that is being made, a message that another command is looking through. Run it again after some minutes.
- what your destinations got, and [consumers]: erase it there. Voucherify's audit log keeps what it sent.
- backups or exports of the table, copies of the queues, if you make any.
- a webhook that names the person by nothing that was given. Run it for every value that you know: e-mail, source id, codes.`;

function formatFound({ rows, queues }: Found, dryRun: boolean): string {
  const verb = dryRun ? 'FOUND' : 'ERASED';
  const states = Object.entries(rows.deliveries).filter(([, count]) => count > 0);
  const lines = [
    formatTable([
      ['WHERE', 'WHAT', verb],
      ['deliveries table', 'webhooks of the person', String(rows.rowIds.length)],
      ...states.map(([state, count]) => [
        'deliveries table',
        state === 'erased' ? 'deliveries that were erased before' : `deliveries: ${state}`,
        String(count),
      ]),
      ['deliveries table', 'keyed hashes', String(rows.indexRows)],
      ...queues.map(({ report }) => [
        `[${report.from}]`,
        `messages, of ${report.scanned} looked at`,
        String(countFound(report)),
      ]),
    ]),
  ];
  if (rows.withoutSiblings > 0) {
    lines.push(
      `${rows.withoutSiblings} webhooks are of an earlier release: hashes of their other values stay until historyDays are over. Erase them by those values too.`,
    );
  }
  return lines.join('\n\n');
}
