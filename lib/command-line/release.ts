import * as v from 'valibot';
import { formatTable } from '../local/cli/table.ts';
import { splitEvery } from '../split-every.ts';
import { confirmCount } from './confirm.ts';
import { type CommandContext, formatTime, toDestinationId, toStageOptions } from './context.ts';
import { CommandError } from './operator-client.ts';

/** The options of `release`, as osls reads them. */
export interface ReleaseOptions {
  readonly record?: string;
  readonly destination?: string;
  readonly 'dry-run'?: boolean;
  readonly confirm?: string;
}

const NullableText = v.nullish(v.string(), null);
const ResultSchema = v.object({
  record: v.string(),
  status: v.string(),
  event: NullableText,
  deliveredAt: NullableText,
  codeExpiresAt: NullableText,
});
type Result = v.InferOutput<typeof ResultSchema>;
const ReportSchema = v.object({ results: v.array(ResultSchema) });

/** What one call of the function takes. */
const MAX_RECORDS = 100;
/** So many are released without a typed number. */
const MAX_UNCONFIRMED = 10;

/** What a status means, for the person who asked. */
const MEANINGS: { readonly [status: string]: string } = {
  released: 'the next webhook with this id is delivered there once more',
  would_release: 'can be released',
  not_delivered: 'it was not delivered yet: there is nothing to release',
  dead: 'it was given up: npx sls relay replay --from dead-letters delivers it',
  expired: 'its code has expired: the customer could not use it',
  erased: 'its person was erased',
  not_found: 'no such webhook, or it was not attempted yet',
};

/**
 * Releases what was delivered to a destination, so that the next webhook with the same id is delivered there
 * once more. Shows first what would be released.
 * @throws CommandError
 */
export async function releaseDeliveries(
  context: CommandContext,
  options: ReleaseOptions,
): Promise<void> {
  const { terminal, isJson } = context;
  const { destination: name = '' } = options;
  const destination = toDestinationId(context, name);
  const records = await readRecordIds(context, options.record ?? '');
  const preview = await request(context, records, destination, true);
  const releasable = preview
    .filter(({ status }) => status === 'would_release')
    .map(({ record }) => record);
  const isDryRun = options['dry-run'] === true || releasable.length === 0;
  if (isDryRun) {
    printResults(context, preview);
    if (options['dry-run'] !== true) throw new CommandError('Nothing can be released.');
    return;
  }
  if (releasable.length > MAX_UNCONFIRMED || options.confirm !== undefined) {
    if (!isJson) terminal.note(formatResults(preview));
    await confirmCount(
      context,
      releasable.length,
      `${releasable.length} deliveries to ${name} are released.`,
      options.confirm,
    );
  }
  const results = await request(context, releasable, destination, false);
  printResults(context, [
    ...results,
    ...preview.filter(({ status }) => status !== 'would_release'),
  ]);
  if (isJson) return;
  terminal.note(
    `Nothing is kept here that could be sent. Send it again in Voucherify: Audit log > Webhook sendouts > Retry. ${name} gets it once more, the other destinations do not, if it comes with the same id: try one first. To see it arrive: npx sls relay deliveries --record ${releasable[0]}${toStageOptions(context)}`,
  );
}

async function request(
  { call, terminal }: CommandContext,
  records: readonly string[],
  destination: string,
  dryRun: boolean,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const part of splitEvery(MAX_RECORDS, records)) {
    const report = await call({ command: 'release', records: part, destination, dryRun });
    results.push(...v.parse(ReportSchema, report).results);
    if (records.length > MAX_RECORDS) {
      terminal.progress(`${results.length} of ${records.length} ${dryRun ? 'read' : 'released'}`);
    }
  }
  terminal.progress(null);
  return results;
}

/** Reads the ids: those of the option, or one a line from standard input for `-`. */
async function readRecordIds(
  { terminal }: CommandContext,
  option: string,
): Promise<readonly string[]> {
  const text = option === '-' ? await terminal.readInput() : option;
  const ids = text.split(/[\s,]+/).filter((id) => id !== '');
  if (ids.length > 0) return [...new Set(ids)];
  throw new CommandError('Give the ids of webhooks: --record whs_1,whs_2, or --record - < file');
}

function printResults({ terminal, isJson }: CommandContext, results: readonly Result[]): void {
  terminal.print(isJson ? JSON.stringify({ results }, null, 2) : formatResults(results));
}

function formatResults(results: readonly Result[]): string {
  return formatTable([
    ['WEBHOOK', 'EVENT', 'DELIVERED', 'CODE EXPIRES', 'STATUS', 'MEANS'],
    ...results.map(({ record, event, deliveredAt, codeExpiresAt, status }) => [
      record,
      event ?? '',
      formatTime(deliveredAt),
      formatTime(codeExpiresAt),
      status,
      MEANINGS[status] ?? '',
    ]),
  ]);
}
