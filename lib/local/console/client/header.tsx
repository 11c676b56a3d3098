import type { JSX } from 'preact';
import { SpeedSchema } from '../commands.ts';
import type { LiveState } from './live-state.ts';
import { CopyButton } from './copy.tsx';
import { useCommand } from './toast.ts';
import { formatTime } from './format.ts';

/** The top bar: the connection to the pipeline, the endpoint's address, the speed of retries, and whether values are masked. */
export function Header(props: {
  readonly live: LiveState;
  readonly reveal: boolean;
  readonly onReveal: (reveal: boolean) => void;
}): JSX.Element {
  const { live, reveal, onReveal } = props;
  const command = useCommand();
  const notification = live.notifications.at(-1);
  return (
    <header class="app-header">
      <h1>
        voucher-relay <span>local</span>
      </h1>
      <span class={live.isConnected ? 'connection live' : 'connection lost'} role="status">
        {live.isConnected ? 'live' : 'not connected'}
      </span>
      <span class="address">
        <code>{live.endpoint}</code>
        <CopyButton label="Copy" text={live.endpoint} what="the address of the endpoint" />
      </span>
      {notification !== undefined && (
        <span class={`notification ${notification.level}`} title={notification.text}>
          {formatTime(notification.at)} {notification.text.split('\n')[0]}
        </span>
      )}
      <label class="align-end">
        <span class="label">Retry speed</span>
        <select
          value={String(live.speed)}
          onChange={(event) =>
            void command('/console/speed', { speed: Number(event.currentTarget.value) })
          }
        >
          {SpeedSchema.entries.speed.options.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed === 1 ? 'real time' : `${speed} × faster`}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => onReveal(!reveal)}>
        {reveal ? 'Mask values' : 'Unmask values'}
      </button>
    </header>
  );
}
