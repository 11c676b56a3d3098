import * as v from 'valibot';
import { formatTable } from '../local/cli/table.ts';
import { type CommandContext, formatTime } from './context.ts';

const NullableText = v.nullish(v.string(), null);
const NullableNumber = v.nullish(v.number(), null);
const QueueEntries = {
  waiting: NullableNumber,
  inFlight: NullableNumber,
  delayed: NullableNumber,
  oldestSeconds: NullableNumber,
};
const ReportSchema = v.object({
  at: v.string(),
  queues: v.array(v.object({ queue: v.string(), ...QueueEntries })),
  destinations: v.array(
    v.object({
      name: v.string(),
      ...QueueEntries,
      isPaused: v.nullish(v.boolean(), null),
      pausedSince: NullableText,
      pauseReason: NullableText,
      isCircuitOpen: v.nullish(v.boolean(), null),
      delivered: NullableNumber,
      dead: NullableNumber,
    }),
  ),
  alarms: v.nullable(
    v.array(v.object({ name: v.string(), since: NullableText, reason: NullableText })),
  ),
  unread: v.array(
    v.object({
      part: v.string(),
      queues: v.array(v.string()),
      reason: v.string(),
      error: NullableText,
      permission: NullableText,
    }),
  ),
});
type Report = v.InferOutput<typeof ReportSchema>;

/**
 * Shows how the stage is, on one screen: queues, destinations, alarms that are on.
 * @throws CommandError when the function cannot be called
 */
export async function showStatus(context: CommandContext): Promise<void> {
  const { call, terminal, isJson, destinations, stage } = context;
  const value = await call({
    command: 'status',
    destinations: destinations.map(({ name, id }) => ({ name, id })),
  });
  const report = v.parse(ReportSchema, value);
  if (isJson) {
    terminal.print(JSON.stringify(value, null, 2));
    return;
  }
  terminal.print(`Stage ${stage.name} in ${stage.region}, ${formatTime(report.at)}\n`);
  terminal.print(`${formatQueues(report)}\n`);
  terminal.print(`${formatDestinations(report)}\n`);
  terminal.print(formatAlarms(report));
  for (const line of explainUnread(report)) terminal.print(line);
}

function formatQueues({ queues }: Report): string {
  return formatTable([
    ['QUEUE', 'WAITING', 'IN FLIGHT', 'OLDEST'],
    ...queues.map((each) => [
      each.queue,
      formatCount(addCounts(each.waiting, each.delayed)),
      formatCount(each.inFlight),
      formatAge(each.oldestSeconds),
    ]),
  ]);
}

function formatDestinations({ destinations }: Report): string {
  if (destinations.length === 0) return 'The stage has no destination.';
  return formatTable([
    ['DESTINATION', 'WAITING', 'IN FLIGHT', 'OLDEST', 'DELIVERED 1 H', 'DEAD 1 H', 'STATE'],
    ...destinations.map((each) => [
      each.name,
      formatCount(addCounts(each.waiting, each.delayed)),
      formatCount(each.inFlight),
      formatAge(each.oldestSeconds),
      formatCount(each.delivered),
      formatCount(each.dead),
      formatState(each),
    ]),
  ]);
}

function formatState({
  isPaused,
  pausedSince,
  pauseReason,
  isCircuitOpen,
}: Report['destinations'][number]): string {
  const states = [
    isPaused === true &&
      `paused since ${formatTime(pausedSince)}${pauseReason === null ? '' : ` (${pauseReason})`}`,
    isCircuitOpen === true && 'circuit open in the last 10 minutes',
  ].filter((state) => state !== false);
  if (states.length > 0) return states.join(', ');
  return isPaused === null ? '?' : 'active';
}

function formatAlarms({ alarms }: Report): string {
  if (alarms === null) return 'Alarms: not known.';
  if (alarms.length === 0) return 'No alarm is on.';
  return formatTable([
    ['ALARM', 'SINCE', 'WHAT IT MEANS'],
    ...alarms.map(({ name, since, reason }) => [name, formatTime(since), reason ?? '']),
  ]);
}

/** What a question mark in the tables means, and how to fix it. */
function explainUnread({ unread }: Report): readonly string[] {
  const local = unread.filter(({ reason }) => reason === 'local').map(({ part }) => part);
  return [
    ...(local.length > 0 ? [`The stage local has no ${local.join(' and no ')}.`] : []),
    ...unread
      .filter(({ reason }) => reason !== 'local')
      .map(({ part, queues, reason, error, permission }) => {
        const what = queues.length === 0 ? part : `${part} ${queues.join(', ')}`;
        return permission === null
          ? `Not known: ${what}. It could not be read: ${error ?? reason}. Run the command again.`
          : `Not known: ${what}. The function operator lacks the permission ${permission}. Deploy this release.`;
      }),
  ];
}

function addCounts(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function formatCount(count: number | null): string {
  return count === null ? '?' : count.toLocaleString('en');
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** An age in its largest unit; empty when there is none. */
function formatAge(seconds: number | null): string {
  if (seconds === null) return '';
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}
