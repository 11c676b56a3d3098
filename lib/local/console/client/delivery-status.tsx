import type { JSX } from 'preact';
import type { DeliveryStatus } from '../../../telemetry/statuses.ts';
import type { DeliveryView } from '../protocol.ts';
import { formatCountdown } from './times.ts';

const STATUS_ICONS: Readonly<Record<DeliveryStatus, string>> = {
  in_progress: 'M3 8h10M9.5 4.5 13 8l-3.5 3.5',
  delivered: 'M3 8.5 6.5 12 13 4.5',
  duplicate: 'M3 8.5 6.5 12 13 4.5',
  waiting: 'M8 4v4l3 2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0',
  dead: 'M4 4l8 8M12 4l-8 8',
};
const MAX_SHOWN = 3;

/** Where a webhook's deliveries stand: a sign and a word each, never a colour alone. */
export function DeliveryStatuses(props: {
  readonly deliveries: readonly DeliveryView[];
  readonly now: number;
}): JSX.Element {
  const { deliveries, now } = props;
  const shown = deliveries.slice(0, MAX_SHOWN);
  const hiddenCount = deliveries.length - shown.length;
  return (
    <span class="marks">
      {shown.map((delivery) => (
        <span
          key={delivery.destination}
          class={`mark ${delivery.status}`}
          title={formatDelivery(delivery, now)}
        >
          <StatusIcon status={delivery.status} />
          <span class="mark-name">{delivery.destination}</span>
          <span class="unseen"> {delivery.status} </span>
          {delivery.status === 'waiting' && delivery.nextAt !== null && (
            <span class="mark-time">{formatCountdown(delivery.nextAt, now)}</span>
          )}
        </span>
      ))}
      {hiddenCount > 0 && <span class="mark">+{hiddenCount}</span>}
    </span>
  );
}

/** The sign of a stand. */
export function StatusIcon({ status }: { readonly status: DeliveryStatus }): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 16 16" aria-hidden>
      <path d={STATUS_ICONS[status]} />
    </svg>
  );
}

/** A mark in words. */
export function formatDelivery(
  { destination, status, nextAt, reason, attempts }: DeliveryView,
  now: number,
): string {
  const nextText =
    status === 'waiting' && nextAt !== null ? `, next attempt ${formatCountdown(nextAt, now)}` : '';
  const reasonText = reason === null || status === 'delivered' ? '' : ` (${reason})`;
  const attemptText = attempts > 1 ? `, attempt ${attempts}` : '';
  return `${destination} ${status}${reasonText}${attemptText}${nextText}`;
}
