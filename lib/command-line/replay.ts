import { formatTable } from '../local/cli/table.ts';
import type { DeadLetterReport, QuarantineReport, QueueReport } from '../operator/reports.ts';
import { isTimestamp } from '../voucherify/timestamp.ts';
import { REPLAY_REASONS } from '../operator/request.ts';
import { findClosest } from '../stack/find-closest.ts';
import { type CommandContext, toDestinationId, toDestinationName } from './context.ts';
import { CommandError } from './operator-client.ts';
import {
  explainEnd,
  isComplete,
  scan,
  SCANNED_QUEUES,
  type ScannedQueue,
  type ScanRequest,
} from './scan.ts';

/** The options of `replay`, as osls reads them. */
export interface ReplayOptions {
  readonly from?: string;
  readonly record?: string;
  readonly reason?: string;
  readonly destination?: string;
  readonly as?: string;
  readonly mapping?: string;
  readonly 'posted-to'?: string;
  readonly 'accept-late'?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly 'dry-run'?: boolean;
}

/** The options that only one of the queues has. */
const ONLY_FROM = {
  'dead-letters': ['destination', 'as'],
  quarantine: ['mapping', 'posted-to', 'accept-late'],
} as const satisfies { readonly [From in ScannedQueue]: readonly (keyof ReplayOptions)[] };
/** What stands for no mapping: no mapping has this name. */
const NO_MAPPING = 'none';
/** What stands for an issue of the whole body, whose path is empty. */
const BODY = 'body';

/**
 * Processes the messages of [dead-letters] or [quarantine] again, or says in a dry run what it would do.
 * @throws CommandError when the options are not valid, or the run could not do everything
 */
export async function replay(context: CommandContext, options: ReplayOptions): Promise<void> {
  const { terminal, isJson } = context;
  const request = toRequest(context, options);
  const run = await scan(context, request);
  const { report } = run;
  if (isJson)
    terminal.print(JSON.stringify({ ...run, report: withNames(context, report) }, null, 2));
  else terminal.print(formatReport(context, report));
  for (const line of explainEnd(run)) terminal.note(line);
  if (!isComplete(run)) throw new CommandError('Not everything was replayed.');
}

function toRequest(context: CommandContext, options: ReplayOptions): ScanRequest {
  const from = SCANNED_QUEUES.find((each) => each === options.from);
  if (from === undefined) {
    throw new CommandError('Say what to replay: --from dead-letters or --from quarantine.');
  }
  const other = from === 'quarantine' ? 'dead-letters' : 'quarantine';
  const wrong = ONLY_FROM[other].find((name) => options[name] !== undefined);
  if (wrong !== undefined) throw new CommandError(`--${wrong} belongs to --from ${other}.`);
  if (options.since !== undefined && options.until !== undefined) {
    const [first, last] = [toTime('since', options.since), toTime('until', options.until)];
    if (first >= last) throw new CommandError('--since is not before --until.');
  }
  const isFiltered = [options.destination, options.reason, options.record].some(
    (filter) => filter !== undefined,
  );
  if (options.as !== undefined && !isFiltered) {
    throw new CommandError(
      '--as alone would send every dead letter to one destination. Say which: --destination, --reason or --record.',
    );
  }
  const { destination, as, mapping, since, until, limit } = options;
  const postedTo = options['posted-to'];
  return {
    command: 'replay',
    from,
    ...(options.record !== undefined && { ids: splitList(options.record) }),
    ...(options.reason !== undefined && { reasons: toReasons(from, options.reason) }),
    ...(destination !== undefined && { destination: toDestinationId(context, destination) }),
    ...(as !== undefined && { as: toDestinationId(context, as) }),
    ...(mapping !== undefined && { mapping: mapping === NO_MAPPING ? null : mapping }),
    ...(postedTo !== undefined && { postedTo: postedTo === NO_MAPPING ? null : postedTo }),
    ...(options['accept-late'] === true && { acceptLate: true }),
    ...(since !== undefined && { since: toTime('since', since) }),
    ...(until !== undefined && { until: toTime('until', until) }),
    ...(limit !== undefined && { limit: toCount(limit) }),
    dryRun: options['dry-run'] === true,
  };
}

/** Reason codes of dead letters; paths of issues from quarantine, where the tables call the empty one `body`. */
function toReasons(from: ScannedQueue, text: string): readonly string[] {
  const reasons = splitList(text);
  if (from === 'quarantine') return reasons.map((path) => (path === BODY ? '' : path));
  const known: readonly string[] = REPLAY_REASONS;
  const unknown = reasons.find((reason) => !known.includes(reason));
  if (unknown === undefined) return reasons;
  const closest = findClosest(unknown, known);
  throw new CommandError(
    `No dead letter has the reason '${unknown}': ${closest === null ? `choose from ${known.join(', ')}` : `did you mean ${closest}?`}`,
  );
}

function splitList(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}

function toTime(name: string, text: string): string {
  if (isTimestamp(text)) return new Date(text).toISOString();
  throw new CommandError(
    `--${name} ${text} is no time. Write it like 2026-03-05T09:00:00Z, or a day in UTC like 2026-03-05.`,
  );
}

function toCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CommandError(`--limit ${text} is no number of messages. Write a whole number from 1.`);
}

function withNames(context: CommandContext, report: QueueReport): QueueReport {
  if (report.command !== 'replay' || report.from !== 'dead-letters') return report;
  const deadLetters = report.deadLetters.map((each) => ({
    ...each,
    destination: each.destination === null ? null : toDestinationName(context, each.destination),
  }));
  return { ...report, deadLetters };
}

function formatReport(context: CommandContext, report: QueueReport): string {
  if (report.command !== 'replay') return '';
  return report.from === 'dead-letters'
    ? formatDeadLetters(context, report)
    : formatQuarantine(report);
}

function formatDeadLetters(context: CommandContext, report: DeadLetterReport): string {
  const { scanned, skipped, unparsable, deadLetters, others } = report;
  const done = report.dryRun
    ? `${report.wouldReplay} would be replayed`
    : `${report.replayed} replayed`;
  const lines = [
    `${scanned} dead letters looked at: ${done}, ${skipped} skipped, ${unparsable} unparsable.`,
  ];
  if (deadLetters.length > 0) {
    lines.push(
      formatTable([
        ['COUNT', 'STATUS', 'DESTINATION', 'REASON', 'LAST FAILURE'],
        ...deadLetters.map(({ count, status, destination, reason, lastFailure }) => [
          String(count),
          status,
          destination === null ? '(all that accept it)' : toDestinationName(context, destination),
          reason,
          lastFailure === null
            ? ''
            : [lastFailure.reason, lastFailure.status ?? lastFailure.cause ?? ''].join(' ').trim(),
        ]),
      ]),
    );
  }
  if (others > 0) lines.push(`${others} more are in none of these groups.`);
  return lines.join('\n\n');
}

function formatQuarantine(report: QuarantineReport): string {
  const { scanned, valid, invalid, skipped, unparsable, issues, others, dryRun } = report;
  const lines = [
    `${scanned} quarantined webhooks looked at: ${valid} ${dryRun ? 'would be replayed' : 'replayed'}, ${invalid} still invalid, ${skipped} skipped, ${unparsable} unparsable.`,
  ];
  if (issues.length > 0) {
    lines.push(
      formatTable([
        ['COUNT', 'EVENT', 'PATH', 'ISSUE'],
        ...issues.map(({ count, event, path, message }) => [
          String(count),
          event ?? '',
          path === '' ? BODY : path,
          message,
        ]),
      ]),
    );
  }
  if (others > 0) lines.push(`${others} more issues are not listed.`);
  return lines.join('\n\n');
}
