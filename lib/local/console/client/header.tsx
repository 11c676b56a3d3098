import type { JSX } from 'preact';
import { SpeedSchema } from '../protocol.ts';
import { act, words } from './api.ts';
import type { Live } from './live.ts';
import { useSay } from './toast.ts';
import { clock } from './times.ts';

/** The bar at the top: whether the pipeline is there, how fast retries wait, what is masked. */
export function Top(props: {
  readonly live: Live;
  readonly reveal: boolean;
  readonly onReveal: (reveal: boolean) => void;
}): JSX.Element {
  const { live, reveal, onReveal } = props;
  const say = useSay();
  const setSpeed = (text: string): void => {
    act('/console/speed', { speed: Number(text) }).then(say, (fault: unknown) => say(words(fault)));
  };
  const notice = live.notices.at(-1);
  return (
    <header class="top">
      <h1>
        voucher-relay <span>local</span>
      </h1>
      <span class={live.connected ? 'state live' : 'state lost'} role="status">
        {live.connected ? 'live' : 'not connected'}
      </span>
      {notice !== undefined && (
        <span class={`notice ${notice.tone}`} title={notice.text}>
          {clock(notice.at)} {notice.text.split('\n')[0]}
        </span>
      )}
      <label class="end">
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
