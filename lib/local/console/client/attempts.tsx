import type { JSX } from 'preact';
import type { AttemptDetails, WebhookDetails } from '../protocol.ts';
import { DocumentView } from './document.tsx';
import { OpenDeliveries } from './open-deliveries.tsx';
import { useNow } from './live-state.ts';
import { STATUSES, StatusIcon } from './delivery-status.tsx';
import { formatTime, formatDuration, formatCountdown } from './format.ts';

/** Every attempt at every destination, with its request and response. */
export function Attempts({ details }: { readonly details: WebhookDetails }): JSX.Element {
  const { attempts, row } = details;
  const now = useNow(row.deliveries.some(({ status }) => status === 'waiting'));
  return (
    <section aria-label="Deliveries">
      <h3>Deliveries</h3>
      <OpenDeliveries row={row} now={now} />
      {attempts.length === 0 && <p class="empty">No attempts yet.</p>}
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
  const { attempt, now, isLast } = props;
  const { destination, at, ms, request, response, status, reason, nextAt } = attempt;
  const { level } = STATUSES[status];
  const head = (
    <>
      <span class={`attempt-icon ${level}`}>
        <StatusIcon status={status} />
      </span>
      <b class="attempt-name">{destination}</b>
      <span class={`attempt-status ${level}`}>{formatStatus(attempt)}</span>
      <span class="attempt-times">
        {attempt.attempt !== null && `attempt ${attempt.attempt} · `}
        {formatDuration(ms)} · {formatTime(at)}
        {status === 'waiting' &&
          isLast &&
          nextAt !== null &&
          ` · next ${formatCountdown(nextAt, now)}`}
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
              {response?.head ?? ''}
            </pre>
            {response !== null && response.body.lines.length > 0 && (
              <DocumentView document={response.body} label="Response body" />
            )}
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

function formatStatus({ status, reason, httpStatus, repeatCount }: AttemptDetails): string {
  const { label } = STATUSES[status];
  const repeated = repeatCount > 1 ? ` × ${repeatCount}` : '';
  if (status === 'waiting') return (reason ?? label) + repeated;
  const detail = status === 'dead' ? reason : httpStatus;
  return detail === null ? label : `${label} ${detail}`;
}
