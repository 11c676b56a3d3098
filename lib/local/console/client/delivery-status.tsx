import type { JSX } from 'preact';
import type { DeliveryView, Level } from '../protocol.ts';
import { formatCountdown } from './format.ts';

const CROSS = 'M4 4l8 8M12 4l-8 8';
const CHECK = 'M3 8.5 6.5 12 13 4.5';

/** How each status of a delivery looks: its words, its level, and its icon as an SVG path. */
export const STATUSES: Readonly<
  Record<
    DeliveryView['status'],
    { readonly label: string; readonly level: Level; readonly icon: string }
  >
> = {
  in_progress: { label: 'in progress', level: 'info', icon: 'M3 8h10M9.5 4.5 13 8l-3.5 3.5' },
  waiting: {
    label: 'waiting',
    level: 'warn',
    icon: 'M8 4v4l3 2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0',
  },
  delivered: { label: 'delivered', level: 'success', icon: CHECK },
  duplicate: { label: 'duplicate', level: 'info', icon: CHECK },
  dead: { label: 'dead letter', level: 'error', icon: CROSS },
  ended: { label: 'ended by a restart', level: 'info', icon: 'M4 8h8' },
  erased: { label: 'erased', level: 'info', icon: CROSS },
};
const MAX_SHOWN = 3;
/** Of many deliveries, those that somebody should see come first. */
const SHOWN_FIRST: readonly DeliveryView['status'][] = ['dead', 'waiting', 'ended', 'in_progress'];

/** The deliveries of a webhook, each with an icon and a word, never with a colour alone. */
export function DeliveryStatuses(props: {
  readonly deliveries: readonly DeliveryView[];
  readonly now: number;
}): JSX.Element {
  const { deliveries, now } = props;
  const rank = ({ status }: DeliveryView): number => SHOWN_FIRST.toReversed().indexOf(status);
  const sorted =
    deliveries.length > MAX_SHOWN ? deliveries.toSorted((a, b) => rank(b) - rank(a)) : deliveries;
  const shown = sorted.slice(0, MAX_SHOWN);
  const hiddenCount = deliveries.length - shown.length;
  return (
    <span class="deliveries">
      {shown.map((delivery) => (
        <span
          key={delivery.destination}
          class={`delivery ${delivery.status}`}
          title={formatDelivery(delivery, now)}
        >
          <StatusIcon status={delivery.status} />
          <span class="delivery-name">{delivery.destination}</span>
          <span class="visually-hidden"> {STATUSES[delivery.status].label} </span>
          {delivery.status === 'waiting' && delivery.nextAt !== null && (
            <span class="delivery-time">{formatCountdown(delivery.nextAt, now)}</span>
          )}
        </span>
      ))}
      {hiddenCount > 0 && <span class="delivery">+{hiddenCount}</span>}
    </span>
  );
}

/** The icon of a status. Put its label next to it. */
export function StatusIcon({ status }: { readonly status: DeliveryView['status'] }): JSX.Element {
  return (
    <svg class="status-icon" viewBox="0 0 16 16" aria-hidden>
      <path d={STATUSES[status].icon} />
    </svg>
  );
}

function formatDelivery(
  { destination, status, nextAt, reason, attempts }: DeliveryView,
  now: number,
): string {
  const nextText =
    status === 'waiting' && nextAt !== null ? `, next attempt ${formatCountdown(nextAt, now)}` : '';
  const reasonText = reason === null || status === 'delivered' ? '' : ` (${reason})`;
  const attemptText = attempts > 1 ? `, attempt ${attempts}` : '';
  return `${destination}: ${STATUSES[status].label}${reasonText}${attemptText}${nextText}`;
}
