import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Row } from '../protocol.ts';
import { useNow } from './live.ts';
import { Marks } from './delivery-status.tsx';
import { clock } from './times.ts';

const ROW_HEIGHT = 56;
const SPARE_ROWS = 6;

/** The webhooks, newest first. Only the rows in sight are in the page, however many there are. */
export function List(props: {
  readonly rows: readonly Row[];
  readonly openKey: string | null;
  readonly onOpen: (key: string) => void;
}): JSX.Element {
  const { rows, openKey, onOpen } = props;
  const place = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const [current, setCurrent] = useState<string | null>(null);
  const now = useNow(rows.some(({ marks }) => marks.some(({ stand }) => stand === 'waiting')));
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const look = (): void => setScroll({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);

  const first = Math.max(0, Math.floor(scroll.top / ROW_HEIGHT) - SPARE_ROWS);
  const last = Math.ceil((scroll.top + scroll.height) / ROW_HEIGHT) + SPARE_ROWS;
  const shown = rows.slice(first, last);
  const tabKey = shown.some(({ key }) => key === current) ? current : (shown[0]?.key ?? null);

  const move = (event: TargetedKeyboardEvent<HTMLElement>, index: number): void => {
    const to = stepOf(event.key, index, rows.length);
    const element = place.current;
    if (to === null || element === null) return;
    event.preventDefault();
    setCurrent(rows[to]?.key ?? null);
    const top = to * ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    const bottom = top + ROW_HEIGHT - element.clientHeight;
    if (bottom > element.scrollTop) element.scrollTop = bottom;
    requestAnimationFrame(() => {
      element.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus();
    });
  };

  return (
    <div class="rows" ref={place}>
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
                onFocus={() => setCurrent(row.key)}
                onKeyDown={(event) => move(event, index)}
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
      <span class="row-time">{clock(row.at)}</span>
      <span class="row-event">
        <span class="event-name">
          {row.event ?? (row.status === 'refused' ? 'refused' : 'not understood')}
        </span>
        {row.purpose !== null && <span class={`purpose ${row.purpose}`}>{row.purpose}</span>}
        {row.repeat && <span class="tag">repeat</span>}
        {row.test && <span class="tag">test</span>}
      </span>
      <span class={`answer ${toneOf(row)}`}>
        <b>{row.answer}</b> {row.status}
      </span>
      <span class="row-record">{row.recordId ?? row.reason ?? '—'}</span>
      <Marks marks={row.marks} now={now} />
    </>
  );
}

/** How a webhook went, as the tone of its answer. */
export function toneOf({ answer, status }: Row): 'good' | 'warning' | 'bad' {
  if (answer >= 400) return 'bad';
  return status === 'quarantined' ? 'warning' : 'good';
}

const PAGE_ROWS = 10;

function stepOf(key: string, index: number, length: number): number | null {
  const within = (wanted: number): number => Math.min(length - 1, Math.max(0, wanted));
  switch (key) {
    case 'ArrowDown':
      return within(index + 1);
    case 'ArrowUp':
      return within(index - 1);
    case 'PageDown':
      return within(index + PAGE_ROWS);
    case 'PageUp':
      return within(index - PAGE_ROWS);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}
