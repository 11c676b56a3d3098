import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Replay } from '../commands.ts';
import { useCommand } from './toast.ts';

/** Replays all quarantined webhooks or all dead letters, or one of them. */
export function ReplayButton(props: {
  readonly from: Replay['from'];
  /** The id of its record or webhook; left out for all. */
  readonly id?: string;
  /** The name of the destination, for one delivery. */
  readonly destination?: string | null;
  /** Replay, by default. */
  readonly label?: string;
}): JSX.Element {
  const { from, id = null, destination = null, label = 'Replay' } = props;
  const [isBusy, setIsBusy] = useState(false);
  const command = useCommand();
  const replay = async (): Promise<void> => {
    setIsBusy(true);
    const request: Replay = { from, dryRun: false, id, destination };
    await command('/console/replay', request);
    setIsBusy(false);
  };
  return (
    <button type="button" class="small align-end" disabled={isBusy} onClick={() => void replay()}>
      {isBusy ? 'Replaying …' : label}
    </button>
  );
}
