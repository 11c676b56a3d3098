import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useCommand } from './toast.ts';

/** Replays all quarantined webhooks or all dead letters, with the function replay. */
export function ReplayButton(props: {
  readonly from: 'quarantine' | 'dead-letters';
  readonly count: number;
}): JSX.Element | null {
  const { from, count } = props;
  const [isBusy, setIsBusy] = useState(false);
  const command = useCommand();
  const replay = async (): Promise<void> => {
    setIsBusy(true);
    await command('/console/replay', { from, dryRun: false });
    setIsBusy(false);
  };
  if (count === 0 && !isBusy) return null;
  return (
    <button type="button" class="small align-end" disabled={isBusy} onClick={() => void replay()}>
      {isBusy ? 'Replaying …' : 'Replay'}
    </button>
  );
}
