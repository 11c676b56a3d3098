import * as v from 'valibot';
import { formatTable } from '../local/cli/table.ts';
import { type CommandContext, formatTime, toDestinationId, toDestinationName } from './context.ts';
import { countFound, explainEnd, scan } from './scan.ts';
import { CommandError } from './operator-client.ts';
import type { QueueMatch } from '../operator/reports.ts';
import { askPersonalValue } from './personal-value.ts';

/** The options of `deliveries`, as osls reads them. */
export interface DeliveriesOptions {
  readonly record?: string;
  readonly customer?: boolean;
  readonly code?: boolean;
  readonly destination?: string;
  readonly state?: string;
  readonly before?: string;
}

const NullableText = v.nullish(v.string(), null);
/** What a table shows. A stage may have another release than this command: more keys, or fewer. */
const DeliverySchema = v.looseObject({
  webhookId: v.string(),
  event: NullableText,
  webhookAt: NullableText,
  destination: NullableText,
  state: v.string(),
  attempts: v.nullish(v.number(), 0),
  reason: NullableText,
  status: v.nullish(v.number(), null),
  deliveredAt: NullableText,
  lastAt: NullableText,
  nextAt: NullableText,
  releasedAt: NullableText,
});
type Delivery = v.InferOutput<typeof DeliverySchema>;
const ReportSchema = v.object({
  deliveries: v.array(DeliverySchema),
  /** Older ones are found before this. */
  before: v.nullish(v.string(), null),
  hasMore: v.nullish(v.boolean(), false),
});

type By =
  | { readonly key: 'record' | 'customer' | 'code'; readonly value: string }
  | { readonly key: 'destination'; readonly value: string; readonly state: string };

/**
 * Shows what became of webhooks: those of a customer or a code, one by its id, or what waits or is dead at
 * a destination.
 * @throws CommandError
 */
export async function showDeliveries(
  context: CommandContext,
  options: DeliveriesOptions,
): Promise<void> {
  const { call, terminal, isJson } = context;
  const by = await readQuestion(context, options);
  const { before } = options;
  const report = v.parse(
    ReportSchema,
    await call({ command: 'deliveries', by, ...(before !== undefined && { before }) }),
  );
  const { quarantined, notes } = await searchQuarantine(context, by);
  if (isJson) {
    const deliveries = report.deliveries.map((each) => ({
      ...each,
      destination: each.destination === null ? null : toDestinationName(context, each.destination),
    }));
    terminal.print(JSON.stringify({ ...report, deliveries, quarantined, notes }, null, 2));
    return;
  }
  if (report.deliveries.length > 0) terminal.print(formatDeliveries(context, report.deliveries));
  else if (quarantined.length === 0) terminal.print(explainNothing(by));
  if (quarantined.length > 0) terminal.print(`\n${formatQuarantined(quarantined)}`);
  for (const note of notes) terminal.note(note);
  if (report.before !== null) {
    terminal.note(`There are older ones: add --before ${report.before}`);
  } else if (report.hasMore) {
    terminal.note('There are more. These are the ones that changed last.');
  }
}

/** What waits in quarantine has no delivery, and may be what is asked for. `notes`: what the search has not seen. */
async function searchQuarantine(
  context: CommandContext,
  by: By,
): Promise<{ readonly quarantined: readonly QueueMatch[]; readonly notes: readonly string[] }> {
  if (by.key === 'destination') return { quarantined: [], notes: [] };
  const what = by.key === 'record' ? { ids: [by.value] } : { texts: [by.value] };
  const run = await scan(context, { command: 'search-queue', from: 'quarantine', ...what });
  const quarantined = run.report.command === 'search-queue' ? run.report.matches : [];
  const more = countFound(run.report) - quarantined.length;
  const ending = explainEnd(run).map((line) => `In quarantine: ${line}`);
  return {
    quarantined,
    notes: more > 0 ? [`${more} more wait in quarantine.`, ...ending] : ending,
  };
}

function formatQuarantined(matches: readonly QueueMatch[]): string {
  return formatTable([
    ['IN QUARANTINE', 'EVENT', 'RECEIVED', 'ISSUES'],
    ...matches.map(({ id, event, at, issues }) => [
      id ?? '(no id)',
      event ?? '',
      formatTime(at),
      issues.map(({ path, message }) => `${path === '' ? 'body' : path}: ${message}`).join('; '),
    ]),
  ]);
}

async function readQuestion(
  context: CommandContext,
  { record, customer, code, destination, state }: DeliveriesOptions,
): Promise<By> {
  const given = [record !== undefined, customer === true, code === true, destination !== undefined];
  if (given.filter(Boolean).length !== 1) {
    throw new CommandError(
      'Give one of --record ID, --customer, --code and --destination NAME. The values of --customer and --code are asked for, or read from standard input.',
    );
  }
  if (state !== undefined && destination === undefined) {
    throw new CommandError('--state belongs to --destination.');
  }
  if (record !== undefined) return { key: 'record', value: record };
  if (destination !== undefined) {
    const value = toDestinationId(context, destination);
    return { key: 'destination', value, state: toState(state ?? 'waiting') };
  }
  return customer === true
    ? {
        key: 'customer',
        value: await askPersonalValue(context, 'E-mail or source id of the customer'),
      }
    : { key: 'code', value: await askPersonalValue(context, 'Code') };
}

function toState(state: string): string {
  if (state === 'waiting' || state === 'dead') return state;
  throw new CommandError(
    `--state ${state} cannot be looked up: choose waiting or dead. What was delivered is found by --record, --customer or --code.`,
  );
}

function explainNothing(by: By): string {
  switch (by.key) {
    case 'record':
      return 'No delivery of this webhook was attempted: it never came, it still waits for its first attempt, or its rows are older than historyDays. A test webhook is found by its code.';
    case 'customer':
      return 'No webhook of this customer is known. Try another value: a webhook is found by the e-mail and the source id of the customer, by the customer id or phone only when it has neither.';
    case 'code':
      return 'No webhook with this code is known. Upper and lower case count.';
    case 'destination':
      return by.state === 'waiting'
        ? 'Nothing waits there for its next attempt. What was never attempted is counted by: npx sls relay status'
        : 'Nothing is dead there.';
  }
}

/** Formats deliveries as a table: one line for each. */
function formatDeliveries(context: CommandContext, deliveries: readonly Delivery[]): string {
  let lastId = '';
  return formatTable([
    [
      'WEBHOOK',
      'EVENT',
      'RECEIVED',
      'DESTINATION',
      'STATE',
      'AT',
      'ATTEMPTS',
      'LAST REASON',
      'NEXT ATTEMPT',
    ],
    ...deliveries.map((delivery) => {
      const { webhookId, event, webhookAt, destination, state, attempts, nextAt } = delivery;
      const isFirst = webhookId !== lastId;
      lastId = webhookId;
      return [
        isFirst ? webhookId : '',
        isFirst ? (event ?? '') : '',
        isFirst ? formatTime(webhookAt) : '',
        destination === null ? '' : toDestinationName(context, destination),
        delivery.releasedAt === null ? state : `${state}, released`,
        formatTime(state === 'delivered' ? delivery.deliveredAt : delivery.lastAt),
        attempts === 0 ? '' : String(attempts),
        formatReason(delivery),
        formatTime(nextAt),
      ];
    }),
  ]);
}

function formatReason({ state, reason, status }: Delivery): string {
  // what it failed with before it was delivered is of no interest any more
  if (reason === null || state === 'delivered') return '';
  return status === null ? reason : `${reason} ${status}`;
}
