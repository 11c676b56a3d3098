import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import {
  type QueueList,
  QueueListSchema,
  type ReplayFrom,
  type WaitingMessage,
} from '../commands.ts';
import type { Row } from '../protocol.ts';
import { getErrorMessage, getJson } from './api.ts';
import { formatAge, formatCount, formatTime } from './format.ts';
import { useNow } from './live-state.ts';
import { ReplayButton } from './replay-button.tsx';
import { useToast } from './toast.ts';

const WORDS: Readonly<Record<ReplayFrom, { readonly empty: string; readonly about: string }>> = {
  'dead-letters': {
    empty: 'No dead letters. What is given up waits here, with its reason.',
    about: 'Given up. Replay delivers again, with all attempts.',
  },
  quarantine: {
    empty: 'Nothing is in quarantine. What is genuine but not valid waits here, with its issues.',
    about: 'Genuine, but not valid. Fix the cause, then replay.',
  },
};

/** What is on [dead-letters] or [quarantine], the newest first. */
export function MessageList(props: {
  readonly from: ReplayFrom;
  /** Whether npm start responds. The list is loaded again when it does. */
  readonly isConnected: boolean;
  readonly rows: readonly Row[];
  readonly onOpen: (key: string) => void;
}): JSX.Element {
  const { from, isConnected, rows, onOpen } = props;
  const list = useQueueList(from, isConnected);
  const now = useNow(true);
  const { empty, about } = WORDS[from];
  if (list === null) return <p class="empty">Loading …</p>;
  if (list.total === 0) return <p class="empty">{empty}</p>;
  const hidden = list.total - list.messages.length;
  return (
    <div class="messages">
      <div class="queue-head">
        <b>{formatCount(list.total)}</b>
        <span class="muted">{about}</span>
        <ReplayButton from={from} label="Replay all" />
      </div>
      <ol>
        {list.messages.map((message) => (
          <MessageView
            key={message.messageId}
            from={from}
            message={message}
            row={rows.find(({ recordId }) => recordId !== null && recordId === message.id) ?? null}
            now={now}
            onOpen={onOpen}
          />
        ))}
      </ol>
      {hidden > 0 && <p class="muted">{formatCount(hidden)} older ones are not listed.</p>}
    </div>
  );
}

function MessageView(props: {
  readonly from: ReplayFrom;
  readonly message: WaitingMessage;
  /** Its webhook; null when the page does not have it. */
  readonly row: Row | null;
  readonly now: number;
  readonly onOpen: (key: string) => void;
}): JSX.Element {
  const { from, message, row, now, onOpen } = props;
  const { id, event, destination, reason, at } = message;
  return (
    <li class="queue" aria-label={id ?? 'unreadable message'}>
      <div class="queue-head">
        {row === null ? (
          <code>{id ?? 'no id'}</code>
        ) : (
          <button
            type="button"
            class="plain link"
            title="Open this webhook"
            onClick={() => onOpen(row.key)}
          >
            <code>{id}</code>
          </button>
        )}
        {destination !== null && <b>{destination}</b>}
        {id !== null && <ReplayButton from={from} id={id} destination={destination} />}
      </div>
      <p>{reason}</p>
      <p class="muted">
        {event !== null && `${event.replace(/^voucherify\./, '')} · `}
        since {formatTime(at)}, {formatAge(Math.max(0, now - at))}
      </p>
    </li>
  );
}

const INTERVAL_MS = 1_000;
/** A long queue takes the server some time, which it does not have for the pipeline. */
const MAX_SHARE_OF_TIME = 0.1;

/** Loads what is on a queue, again and again while the list is shown. */
function useQueueList(from: ReplayFrom, isConnected: boolean): QueueList | null {
  const showToast = useToast();
  const [list, setList] = useState<QueueList | null>(null);
  useEffect(() => {
    if (!isConnected) return;
    const ended = new AbortController();
    const { signal } = ended;
    const keepLoading = async (): Promise<void> => {
      while (!signal.aborted) {
        const startedAt = performance.now();
        const loaded = await getJson(QueueListSchema, '/console/queue', { from });
        if (!signal.aborted) setList(loaded);
        const waitMs = Math.max(INTERVAL_MS, (performance.now() - startedAt) / MAX_SHARE_OF_TIME);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    };
    keepLoading().catch((error: unknown) => signal.aborted || showToast(getErrorMessage(error)));
    return () => ended.abort();
  }, [from, isConnected, showToast]);
  return list;
}
