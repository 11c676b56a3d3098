import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Row } from '../protocol.ts';
import { useNow } from './live-state.ts';
import { DeliveryStatuses } from './delivery-status.tsx';
import { formatTime } from './format.ts';

const ROW_HEIGHT = 56;
const OVERSCAN_ROWS = 6;

/** The list of webhooks, newest first. Only visible rows are in the DOM, so that 1,000 rows stay fast. */
export function WebhookList(props: {
  readonly rows: readonly Row[];
  readonly openKey: string | null;
  readonly onOpen: (key: string) => void;
}): JSX.Element {
  const { rows, openKey, onOpen } = props;
  const container = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const [focusedKey, setFocusedKey] = useState<string | null>(null);
  const now = useNow(
    rows.some(({ deliveries }) => deliveries.some(({ status }) => status === 'waiting')),
  );
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const updateScroll = (): void =>
      setScroll({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(updateScroll);
    observer.observe(element);
    element.addEventListener('scroll', updateScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', updateScroll);
    };
  }, []);

  const first = Math.max(0, Math.floor(scroll.top / ROW_HEIGHT) - OVERSCAN_ROWS);
  const last = Math.ceil((scroll.top + scroll.height) / ROW_HEIGHT) + OVERSCAN_ROWS;
  const shown = rows.slice(first, last);
  const tabKey = shown.some(({ key }) => key === focusedKey) ? focusedKey : (shown[0]?.key ?? null);

  const moveFocus = (event: TargetedKeyboardEvent<HTMLElement>, index: number): void => {
    const target = nextIndex(event.key, index, rows.length);
    const element = container.current;
    if (target === null || element === null) return;
    event.preventDefault();
    setFocusedKey(rows[target]?.key ?? null);
    const top = target * ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    const bottom = top + ROW_HEIGHT - element.clientHeight;
    if (bottom > element.scrollTop) element.scrollTop = bottom;
    requestAnimationFrame(() => {
      element.querySelector<HTMLElement>(`[data-index="${target}"]`)?.focus();
    });
  };

  return (
    <div class="rows" ref={container}>
      <ol style={{ height: `${rows.length * ROW_HEIGHT}px` }}>
        {shown.map((row, offset) => {
          const index = first + offset;
          return (
            <li
              key={row.key}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
            >
              <button
                type="button"
                class={row.key === openKey ? 'row open' : 'row'}
                data-index={index}
                tabIndex={row.key === tabKey ? 0 : -1}
                aria-current={row.key === openKey}
                onClick={() => onOpen(row.key)}
                onFocus={() => setFocusedKey(row.key)}
                onKeyDown={(event) => moveFocus(event, index)}
              >
                <RowContent row={row} now={now} />
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function RowContent({ row, now }: { readonly row: Row; readonly now: number }): JSX.Element {
  return (
    <>
      <span class="row-time">{formatTime(row.at)}</span>
      <span class="row-event">
        <span class="event-name">{row.event ?? 'unknown event'}</span>
        {row.purpose !== null && <span class={`purpose ${row.purpose}`}>{row.purpose}</span>}
        {row.isDuplicate && <span class="tag">duplicate</span>}
        {row.isPast && <span class="tag">earlier run</span>}
        {row.isTest && <span class="tag">test</span>}
      </span>
      <ResponseStatus row={row} />
      <span class="row-record">{row.recordId ?? row.reason ?? '—'}</span>
      <DeliveryStatuses deliveries={row.deliveries} now={now} />
    </>
  );
}

/** The HTTP status and the webhook's status. */
export function ResponseStatus({ row }: { readonly row: Row }): JSX.Element {
  return (
    <span class={`response ${row.level}`}>
      <b>{row.httpStatus}</b> {row.status}
    </span>
  );
}

const PAGE_ROWS = 10;

function nextIndex(key: string, index: number, length: number): number | null {
  const clamp = (rowIndex: number): number => Math.min(length - 1, Math.max(0, rowIndex));
  switch (key) {
    case 'ArrowDown':
      return clamp(index + 1);
    case 'ArrowUp':
      return clamp(index - 1);
    case 'PageDown':
      return clamp(index + PAGE_ROWS);
    case 'PageUp':
      return clamp(index - PAGE_ROWS);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}
