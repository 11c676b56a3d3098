import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { formatTable } from '../local/cli/table.ts';
import { giveBack } from '../operator/run-to-end.ts';
import { CLASS_MEANINGS, CLASSES } from '../reconcile/compare.ts';
import { FAILURE_MEANINGS, FAILURE_REASONS } from '../reconcile/failure.ts';
import { type CommandContext, formatTime } from './context.ts';
import { CommandError } from './operator-client.ts';

/** The options of `reconcile`, as osls reads them. */
export interface ReconcileOptions {
  readonly since?: string;
  readonly until?: string;
  readonly campaign?: string;
  readonly all?: boolean;
  readonly show?: boolean;
}

const NullableText = v.nullish(v.string(), null);
const FailureSchema = v.object({ reason: v.string(), call: NullableText, detail: NullableText });
const WebhooksSchema = v.object({
  state: v.string(),
  reason: NullableText,
  webhooks: v.nullish(
    v.array(v.object({ id: v.string(), isActive: v.boolean(), hasPublications: v.boolean() })),
    null,
  ),
});
const ResultSchema = v.object({
  since: v.string(),
  until: v.string(),
  campaign: NullableText,
  total: v.number(),
  counts: v.record(v.string(), v.number()),
  missing: v.array(
    v.object({
      publication: NullableText,
      at: v.string(),
      campaign: NullableText,
      distribution: NullableText,
      vouchers: v.array(v.string()),
      codes: v.nullish(v.array(v.string()), null),
    }),
  ),
  hasMoreMissing: v.boolean(),
  elsewhere: v.array(
    v.object({
      campaign: NullableText,
      channel: NullableText,
      distribution: NullableText,
      count: v.number(),
    }),
  ),
  webhooks: WebhooksSchema,
});
type Result = v.InferOutput<typeof ResultSchema>;
const ReportSchema = v.object({
  compared: v.number(),
  waitSeconds: v.number(),
  held: v.array(v.string()),
  continuation: v.nullable(v.unknown()),
  result: v.nullable(v.unknown()),
  failure: v.nullable(FailureSchema),
});

/**
 * Compares what Voucherify published in a period with what came, and shows what is missing.
 * @throws CommandError when the run fails, is stopped, or something is missing: a script sees it by the exit code
 */
export async function reconcile(
  context: CommandContext,
  { since, until, campaign, all, show }: ReconcileOptions,
): Promise<void> {
  const { terminal, isJson } = context;
  if (since === undefined) {
    throw new CommandError('Give --since, a date or a time: --since 2026-03-10.');
  }
  const request = {
    command: 'reconcile',
    since,
    ...(until !== undefined && { until }),
    ...(campaign !== undefined && { campaign }),
    all: all === true,
    show: show === true,
  };
  const value = await runSlices(context, request);
  const result = v.parse(ResultSchema, value);
  if (isJson) terminal.print(JSON.stringify(value, null, 2));
  else for (const part of describe(result)) terminal.print(part);
  const { missing = 0, arrived = 0, elsewhere = 0 } = result.counts;
  if (arrived === 0 && elsewhere > 0) {
    throw new CommandError(
      'Nothing came in the whole period: either nothing sends here, or everything is missing. Use an earlier --since, or say with --campaign or --all what should have come.',
    );
  }
  if (missing > 0) {
    throw new CommandError(
      `${missing.toLocaleString('en')} publications are missing. See that the cause is gone, then press Retry in Voucherify's Audit log > Webhook sendouts (docs/reconcile.md, "What to do").`,
    );
  }
}

/** Calls the function until the run is over, and gives back what it has hidden. Returns the result. */
async function runSlices(
  { call, terminal, stopSignal }: CommandContext,
  request: object,
): Promise<unknown> {
  const held: string[] = [];
  let continuation: unknown = null;
  let compared = 0;
  try {
    for (;;) {
      const waiting = compared.toLocaleString('en');
      terminal.progress(`${waiting} publications compared ... (Ctrl-C stops)`);
      const report = v.parse(ReportSchema, await call({ ...request, continuation }));
      for (const handle of report.held) held.push(handle);
      if (report.failure !== null) throw new CommandError(explainFailure(report.failure));
      if (report.continuation === null) return report.result;
      ({ continuation, compared } = report);
      await pause(report.waitSeconds, stopSignal);
      if (stopSignal.aborted) {
        throw new CommandError('Stopped, without a result. Nothing was changed.');
      }
    }
  } finally {
    terminal.progress(null);
    await giveBack(call, 'quarantine', held);
  }
}

/** Waits for Voucherify's limits; Ctrl-C ends the wait. */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(seconds * 1_000, undefined, { signal });
  } catch {
    // stopped
  }
}

function explainFailure({ reason, call, detail }: v.InferOutput<typeof FailureSchema>): string {
  const known = FAILURE_REASONS.find((each) => each === reason);
  const meaning = known === undefined ? '' : `: ${FAILURE_MEANINGS[known]}`;
  const where = [call, detail].filter((each) => each !== null).join(', ');
  return `Nothing is concluded. ${reason}${meaning}${where === '' ? '' : ` (${where})`}.`;
}

function describe(result: Result): readonly string[] {
  const { since, until, campaign, total, counts, missing, elsewhere, hasMoreMissing } = result;
  const of = campaign === null ? '' : ` of the campaign ${campaign}`;
  const title = `${total.toLocaleString('en')} publications${of} from ${formatTime(since)} to ${formatTime(until)}`;
  return [
    `${title}\n`,
    formatCounts(counts),
    ...(missing.length === 0 ? [] : [`\n${formatMissing(missing)}`]),
    ...(hasMoreMissing ? ['There are more. Use --campaign to see them.'] : []),
    ...(elsewhere.length === 0 ? [] : [`\n${formatElsewhere(elsewhere)}`]),
    ...describeWebhooks(result.webhooks),
  ];
}

function formatCounts(counts: Result['counts']): string {
  return formatTable([
    ['CLASS', 'COUNT', 'MEANING'],
    ...CLASSES.flatMap((name) => {
      const count = counts[name] ?? 0;
      const isShown = count > 0 || name === 'arrived' || name === 'missing';
      return isShown ? [[name, count.toLocaleString('en'), CLASS_MEANINGS[name]]] : [];
    }),
  ]);
}

function formatMissing(missing: Result['missing']): string {
  const hasCodes = missing.some(({ codes }) => codes !== null);
  return formatTable([
    [
      'MISSING',
      'PUBLISHED',
      'CAMPAIGN',
      'DISTRIBUTION',
      'VOUCHERS',
      ...(hasCodes ? ['CODES'] : []),
    ],
    ...missing.map(({ publication, at, campaign, distribution, vouchers, codes }) => [
      publication ?? '(id not looked up)',
      formatTime(at),
      campaign ?? '',
      distribution ?? '',
      vouchers.join(' '),
      ...(hasCodes ? [(codes ?? []).join(' ')] : []),
    ]),
  ]);
}

function formatElsewhere(elsewhere: Result['elsewhere']): string {
  return formatTable([
    ['NOTHING CAME OF', 'CHANNEL', 'DISTRIBUTION', 'COUNT'],
    ...elsewhere.map(({ campaign, channel, distribution, count }) => [
      campaign ?? '(no campaign)',
      channel ?? '',
      distribution ?? '',
      count.toLocaleString('en'),
    ]),
  ]);
}

function describeWebhooks({ state, reason, webhooks }: Result['webhooks']): readonly string[] {
  if (state !== 'checked' || webhooks === null) {
    return [
      `\nWhether the webhooks of the project are active was not checked: ${reason ?? state}.`,
    ];
  }
  const inactive = webhooks.filter(({ isActive }) => !isActive);
  return inactive.map(
    ({ id }) =>
      `\nThe webhook ${id} of the project is not active: Project settings > Webhooks > Is active.`,
  );
}
