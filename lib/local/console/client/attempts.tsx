import type { JSX } from 'preact';
import type { AttemptDetails, Level, WebhookDetails } from '../protocol.ts';
import { DocumentView } from './document.tsx';
import { useNow } from './live-state.ts';
import { StatusIcon } from './delivery-status.tsx';
import { formatTime, formatDuration, formatCountdown } from './format.ts';

/** Every attempt at every destination, with what went over the wire. */
export function Attempts({ details }: { readonly details: WebhookDetails }): JSX.Element {
  const { attempts, row } = details;
  const now = useNow(row.deliveries.some(({ status }) => status === 'waiting'));
  return (
    <section aria-label="Deliveries">
      <h3>Deliveries</h3>
      {attempts.length === 0 && <p class="empty">No delivery was attempted yet.</p>}
      <ol class="attempts">
        {attempts.map((attempt, index) => (
          <AttemptView
            key={index}
            attempt={attempt}
            now={now}
            isLast={isLastAttempt(attempts, index)}
          />
        ))}
      </ol>
    </section>
  );
}

function AttemptView(props: {
  readonly attempt: AttemptDetails;
  readonly now: number;
  readonly isLast: boolean;
}): JSX.Element {
  const { attempt, now, isLast: isLatest } = props;
  const { destination, at, ms, request, response, outcome, reason, repeatCount, nextAt } = attempt;
  const level = getLevel(outcome);
  const head = (
    <>
      <span class={`attempt-icon ${level}`}>
        <StatusIcon status={getStatus(outcome)} />
      </span>
      <b class="attempt-name">{destination}</b>
      <span class={`attempt-status ${level}`}>
        {formatOutcome(attempt)}
        {repeatCount > 1 && ` × ${repeatCount}`}
      </span>
      <span class="attempt-times">
        attempt {attempt.attempt} · {ms === null ? '' : formatDuration(ms)} · {formatTime(at)}
        {outcome === 'retry' &&
          isLatest &&
          nextAt !== null &&
          ` · again ${formatCountdown(nextAt, now)}`}
      </span>
    </>
  );
  if (request === null)
    return (
      <li class="attempt no-exchange" title={reason ?? ''}>
        {head}
      </li>
    );
  return (
    <li>
      <details class="attempt">
        <summary>{head}</summary>
        <div class="columns">
          <section aria-label="Request">
            <h4>Request</h4>
            <pre class="document head" role="region" aria-label="Request headers" tabIndex={0}>
              {request.head}
            </pre>
            <DocumentView document={request.body} label="Request body" />
          </section>
          <section aria-label="Response">
            <h4>
              Response{' '}
              {response !== null && <span class="muted">{formatDuration(response.ms)}</span>}
            </h4>
            <pre class="document head" role="region" aria-label="Response headers" tabIndex={0}>
              {response?.head ?? 'accepted by the queue'}
            </pre>
          </section>
        </div>
      </details>
    </li>
  );
}

function isLastAttempt(attempts: readonly AttemptDetails[], index: number): boolean {
  const { destination } = attempts[index] ?? {};
  return !attempts.slice(index + 1).some((each) => each.destination === destination);
}

function formatOutcome({ outcome, reason, status }: AttemptDetails): string {
  if (outcome === 'delivered') return status === null ? 'delivered' : `delivered ${status}`;
  if (outcome === 'duplicate') return 'has it already';
  return reason ?? outcome;
}

function getLevel(outcome: string): Level {
  if (outcome === 'delivered') return 'success';
  if (outcome === 'duplicate') return 'info';
  return outcome === 'retry' ? 'warn' : 'error';
}

function getStatus(outcome: string): 'delivered' | 'waiting' | 'dead' {
  if (outcome === 'delivered' || outcome === 'duplicate') return 'delivered';
  return outcome === 'retry' ? 'waiting' : 'dead';
}
