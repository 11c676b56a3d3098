import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DeliveryView, Row } from '../protocol.ts';
import { STATUSES, StatusIcon } from './delivery-status.tsx';
import { formatCountdown } from './format.ts';
import { ReplayButton } from './replay-button.tsx';
import { useCommand } from './toast.ts';

const SHOWN: ReadonlySet<DeliveryView['status']> = new Set(['waiting', 'dead', 'ended']);

/** The deliveries of a webhook that are not made: those that wait, and those that were given up. */
export function OpenDeliveries(props: {
  readonly row: Row;
  readonly now: number;
}): JSX.Element | null {
  const { row, now } = props;
  const { recordId, isPast } = row;
  const open = row.deliveries.filter(({ status }) => SHOWN.has(status));
  if (open.length === 0 || recordId === null) return null;
  return (
    <ul class="open-deliveries" aria-label="Not delivered">
      {open.map((delivery) => (
        <li key={delivery.destination}>
          <span class={`attempt-icon ${STATUSES[delivery.status].level}`}>
            <StatusIcon status={delivery.status} />
          </span>
          <b>{delivery.destination}</b>
          <span>{describe(delivery, now)}</span>
          {isPast ? null : delivery.status === 'dead' ? (
            <ReplayButton from="dead-letters" id={recordId} destination={delivery.destination} />
          ) : (
            delivery.nextAt !== null && (
              <RetryButton recordId={recordId} destination={delivery.destination} />
            )
          )}
        </li>
      ))}
    </ul>
  );
}

function describe({ status, nextAt, reason }: DeliveryView, now: number): string {
  const next = nextAt === null ? null : `next attempt ${formatCountdown(nextAt, now)}`;
  return [STATUSES[status].label, reason, next].filter((part) => part !== null).join(', ');
}

function RetryButton(props: {
  readonly recordId: string;
  readonly destination: string;
}): JSX.Element {
  const { recordId, destination } = props;
  const command = useCommand();
  const [isBusy, setIsBusy] = useState(false);
  const retry = async (): Promise<void> => {
    setIsBusy(true);
    await command('/console/retry', { recordId, destination });
    setIsBusy(false);
  };
  return (
    <button
      type="button"
      class="small align-end"
      aria-label={`Retry now: ${destination}`}
      disabled={isBusy}
      onClick={() => void retry()}
    >
      Retry now
    </button>
  );
}
