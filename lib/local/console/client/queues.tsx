import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DestinationKind, DestinationView } from '../protocol.ts';
import { formatAge, formatCount, formatTime } from './format.ts';
import { useNow } from './live-state.ts';
import { useCommand } from './toast.ts';

/** How each kind of destination is called. */
export const KIND_LABELS: Readonly<Record<DestinationKind, string>> = {
  http: 'http',
  sqs: 'SQS queue',
  sns: 'SNS topic',
  eventbridge: 'EventBridge bus',
};

const DAY_MS = 86_400_000;
/** The queues of destinations keep their messages as long as SQS can. */
const RETENTION_MS = 14 * DAY_MS;

/** Every destination with its queue: backlog, age, pace, circuit, and the switch that pauses it. */
export function Queues(props: { readonly destinations: readonly DestinationView[] }): JSX.Element {
  const { destinations } = props;
  const now = useNow(destinations.some(({ waiting }) => waiting > 0));
  return (
    <div class="queues">
      {destinations.map((view) => (
        <Queue key={view.name} view={view} now={now} />
      ))}
    </div>
  );
}

function Queue(props: { readonly view: DestinationView; readonly now: number }): JSX.Element {
  const { view, now } = props;
  const { name, kind, waiting, inProgress, oldestSentAt, pace, circuit, pausedAt } = view;
  const ageMs = oldestSentAt === null ? null : Math.max(0, now - oldestSentAt);
  return (
    <div class="queue" role="group" aria-label={`Queue of ${name}`}>
      <div class="queue-head">
        <b>{name}</b>
        {kind !== null && <span class="muted">{KIND_LABELS[kind]}</span>}
        {pausedAt !== null && <span class="tag warn">paused</span>}
        {kind !== null && <PauseButton name={name} isPaused={pausedAt !== null} />}
      </div>
      <dl class="queue-facts">
        <Fact name="waiting">{formatCount(waiting)}</Fact>
        <Fact name="in progress">{formatCount(inProgress)}</Fact>
        <Fact name="oldest">{ageMs === null ? '—' : formatAge(ageMs)}</Fact>
        <Fact name="circuit" level={circuit === 'closed' ? '' : 'error'}>
          {circuit}
        </Fact>
        <Fact name="pace">{pace ?? '—'}</Fact>
      </dl>
      {pausedAt !== null && (
        <p class="warn">
          Paused since {formatTime(pausedAt)}. What arrives for it waits in its queue.
          {ageMs !== null &&
            ` SQS deletes the oldest delivery in ${formatDays(RETENTION_MS - ageMs)}.`}
        </p>
      )}
    </div>
  );
}

function Fact(props: {
  readonly name: string;
  readonly level?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd class={props.level ?? ''}>{props.children}</dd>
    </div>
  );
}

function PauseButton(props: { readonly name: string; readonly isPaused: boolean }): JSX.Element {
  const { name, isPaused } = props;
  const command = useCommand();
  const [isBusy, setIsBusy] = useState(false);
  const toggle = async (): Promise<void> => {
    setIsBusy(true);
    await command('/console/pause', { destination: name, isPaused: !isPaused });
    setIsBusy(false);
  };
  return (
    <button
      type="button"
      class="small align-end"
      aria-label={`${isPaused ? 'Resume' : 'Pause'} ${name}`}
      disabled={isBusy}
      onClick={() => void toggle()}
    >
      {isPaused ? 'Resume' : 'Pause'}
    </button>
  );
}

function formatDays(ms: number): string {
  return `${(Math.max(0, ms) / DAY_MS).toFixed(1)} days`;
}
