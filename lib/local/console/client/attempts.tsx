import type { JSX } from 'preact';
import type { Attempt, Opened } from '../protocol.ts';
import { DocumentView } from './document.tsx';
import { useNow } from './live.ts';
import { Sign } from './delivery-status.tsx';
import { clock, duration, until } from './times.ts';

/** Every attempt at every destination, with what went over the wire. */
export function Attempts({ opened }: { readonly opened: Opened }): JSX.Element {
  const { attempts, row } = opened;
  const now = useNow(row.marks.some(({ stand }) => stand === 'waiting'));
  return (
    <section aria-label="Deliveries">
      <h3>Deliveries</h3>
      {attempts.length === 0 && <p class="empty">Nothing has been handed on yet.</p>}
      <ol class="attempts">
        {attempts.map((attempt, index) => (
          <AttemptView key={index} attempt={attempt} now={now} isLast={isLast(attempts, index)} />
        ))}
      </ol>
    </section>
  );
}

function AttemptView(props: {
  readonly attempt: Attempt;
  readonly now: number;
  readonly isLast: boolean;
}): JSX.Element {
  const { attempt, now, isLast: waits } = props;
  const { destination, at, ms, request, answer, outcome, reason, times, nextAt } = attempt;
  const tone = toneOf(outcome);
  const head = (
    <>
      <span class={`attempt-sign ${tone}`}>
        <Sign stand={standOf(outcome)} />
      </span>
      <b class="attempt-name">{destination}</b>
      <span class={`attempt-outcome ${tone}`}>
        {wordsOf(attempt)}
        {times > 1 && ` × ${times}`}
      </span>
      <span class="attempt-facts">
        attempt {attempt.attempt} · {ms === null ? '' : duration(ms)} · {clock(at)}
        {outcome === 'retry' && waits && nextAt !== null && ` · again ${until(nextAt, now)}`}
      </span>
    </>
  );
  if (request === null)
    return (
      <li class="attempt flat" title={reason ?? ''}>
        {head}
      </li>
    );
  return (
    <li>
      <details class="attempt">
        <summary>{head}</summary>
        <div class="beside">
          <section aria-label="Request">
            <h4>Request</h4>
            <pre class="document head" role="region" aria-label="Request headers" tabIndex={0}>
              {request.head}
            </pre>
            <DocumentView document={request.body} label="Request body" />
          </section>
          <section aria-label="Answer">
            <h4>Answer {answer !== null && <span class="quiet">{duration(answer.ms)}</span>}</h4>
            <pre class="document head" role="region" aria-label="The answer" tabIndex={0}>
              {answer?.head ?? 'taken by the queue'}
            </pre>
          </section>
        </div>
      </details>
    </li>
  );
}

function isLast(attempts: readonly Attempt[], index: number): boolean {
  const { destination } = attempts[index] ?? {};
  return !attempts.slice(index + 1).some((each) => each.destination === destination);
}

function wordsOf({ outcome, reason, status }: Attempt): string {
  if (outcome === 'delivered') return status === null ? 'delivered' : `delivered ${status}`;
  if (outcome === 'duplicate') return 'has it already';
  return reason ?? outcome;
}

function toneOf(outcome: string): string {
  if (outcome === 'delivered') return 'good';
  if (outcome === 'duplicate') return 'plain';
  return outcome === 'retry' ? 'warning' : 'bad';
}

function standOf(outcome: string): 'delivered' | 'waiting' | 'dead' {
  if (outcome === 'delivered' || outcome === 'duplicate') return 'delivered';
  return outcome === 'retry' ? 'waiting' : 'dead';
}
