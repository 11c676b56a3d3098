import type { JSX } from 'preact';
import type { DeliveryStatus } from '../../../telemetry/statuses.ts';
import type { AttemptDetails, WebhookDetails } from '../protocol.ts';
import { DocumentView } from './document.tsx';
import { useNow } from './live.ts';
import { StatusIcon } from './delivery-status.tsx';
import { formatTime, formatDuration, formatCountdown } from './times.ts';

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
  const { destination, at, ms, request, response, deliveryStatus, reason, repeatCount, nextAt } =
    attempt;
  const tone = getTone(deliveryStatus);
  const head = (
    <>
      <span class={`attempt-sign ${tone}`}>
        <StatusIcon status={deliveryStatus} />
      </span>
      <b class="attempt-name">{destination}</b>
      <span class={`attempt-outcome ${tone}`}>
        {formatOutcome(attempt)}
        {repeatCount > 1 && ` × ${repeatCount}`}
      </span>
      <span class="attempt-facts">
        attempt {attempt.attempt} · {ms === null ? '' : formatDuration(ms)} · {formatTime(at)}
        {deliveryStatus === 'waiting' &&
          isLatest &&
          nextAt !== null &&
          ` · again ${formatCountdown(nextAt, now)}`}
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
          <section aria-label="Response">
            <h4>
              Response{' '}
              {response !== null && <span class="quiet">{formatDuration(response.ms)}</span>}
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

function formatOutcome({ deliveryStatus, reason, status }: AttemptDetails): string {
  switch (deliveryStatus) {
    case 'delivered':
      return status === null ? 'delivered' : `delivered ${status}`;
    case 'duplicate':
      return 'duplicate, not sent again';
    case 'in_progress':
    case 'waiting':
    case 'dead':
      return reason ?? deliveryStatus;
  }
}

function getTone(status: DeliveryStatus): string {
  switch (status) {
    case 'delivered':
      return 'good';
    case 'duplicate':
      return 'plain';
    case 'in_progress':
    case 'waiting':
      return 'warning';
    case 'dead':
      return 'bad';
  }
}
