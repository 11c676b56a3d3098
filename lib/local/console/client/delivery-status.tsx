import type { JSX } from 'preact';
import type { Mark, Stand } from '../protocol.ts';
import { until } from './times.ts';

const SIGNS: Readonly<Record<Stand, string>> = {
  sending: 'M3 8h10M9.5 4.5 13 8l-3.5 3.5',
  delivered: 'M3 8.5 6.5 12 13 4.5',
  waiting: 'M8 4v4l3 2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0',
  rejected: 'M4 4l8 8M12 4l-8 8',
  dead: 'M4 4l8 8M12 4l-8 8',
};
const MOST_NAMED = 3;

/** Where a webhook's deliveries stand: a sign and a word each, never a colour alone. */
export function Marks(props: {
  readonly marks: readonly Mark[];
  readonly now: number;
}): JSX.Element {
  const { marks, now } = props;
  const shown = marks.slice(0, MOST_NAMED);
  const more = marks.length - shown.length;
  return (
    <span class="marks">
      {shown.map((mark) => (
        <span key={mark.destination} class={`mark ${mark.stand}`} title={markText(mark, now)}>
          <Sign stand={mark.stand} />
          <span class="mark-name">{mark.destination}</span>
          <span class="unseen"> {mark.stand} </span>
          {mark.stand === 'waiting' && mark.nextAt !== null && (
            <span class="mark-time">{until(mark.nextAt, now)}</span>
          )}
        </span>
      ))}
      {more > 0 && <span class="mark">+{more}</span>}
    </span>
  );
}

/** The sign of a stand. */
export function Sign({ stand }: { readonly stand: Stand }): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 16 16" aria-hidden>
      <path d={SIGNS[stand]} />
    </svg>
  );
}

/** A mark in words. */
export function markText(
  { destination, stand, nextAt, reason, attempts }: Mark,
  now: number,
): string {
  const next = stand === 'waiting' && nextAt !== null ? `, next attempt ${until(nextAt, now)}` : '';
  const why = reason === null || stand === 'delivered' ? '' : ` (${reason})`;
  const many = attempts > 1 ? `, attempt ${attempts}` : '';
  return `${destination} ${stand}${why}${many}${next}`;
}
