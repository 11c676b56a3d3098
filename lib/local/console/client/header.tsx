import type { JSX } from 'preact';
import { SpeedSchema } from '../protocol.ts';
import { runCommand, getErrorMessage } from './api.ts';
import type { LiveState } from './live-state.ts';
import { useToast } from './toast.ts';
import { formatTime } from './format.ts';

/** The bar at the top: whether the pipeline is there, how fast retries wait, what is masked. */
export function Header(props: {
  readonly live: LiveState;
  readonly reveal: boolean;
  readonly onReveal: (reveal: boolean) => void;
}): JSX.Element {
  const { live, reveal, onReveal } = props;
  const showToast = useToast();
  const setSpeed = (text: string): void => {
    runCommand('/console/speed', { speed: Number(text) }).then(showToast, (error: unknown) =>
      showToast(getErrorMessage(error)),
    );
  };
  const notification = live.notifications.at(-1);
  return (
    <header class="app-header">
      <h1>
        voucher-relay <span>local</span>
      </h1>
      <span class={live.isConnected ? 'connection live' : 'connection lost'} role="status">
        {live.isConnected ? 'live' : 'not connected'}
      </span>
      {notification !== undefined && (
        <span class={`notification ${notification.level}`} title={notification.text}>
          {formatTime(notification.at)} {notification.text.split('\n')[0]}
        </span>
      )}
      <label class="align-end">
        <span class="label">Retries wait</span>
        <select
          value={String(live.speed)}
          onChange={(event) => setSpeed(event.currentTarget.value)}
        >
          {SpeedSchema.entries.speed.options.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed === 1 ? 'real time' : `${speed} × faster`}
            </option>
          ))}
        </select>
      </label>
      <button type="button" aria-pressed={reveal} onClick={() => onReveal(!reveal)}>
        Show codes and names
      </button>
    </header>
  );
}
