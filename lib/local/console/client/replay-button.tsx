import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { runCommand, getErrorMessage } from './api.ts';
import { useToast } from './toast.ts';

/** Puts what waits for a person back into the flow, with the operator's own function. */
export function ReplayButton(props: {
  readonly from: 'quarantine' | 'dead-letters';
  readonly count: number;
}): JSX.Element | null {
  const { from, count } = props;
  const [isBusy, setIsBusy] = useState(false);
  const showToast = useToast();
  const replay = async (): Promise<void> => {
    setIsBusy(true);
    showToast(await runCommand('/console/replay', { from, dryRun: false }).catch(getErrorMessage));
    setIsBusy(false);
  };
  if (count === 0 && !isBusy) return null;
  return (
    <button type="button" class="small align-end" disabled={isBusy} onClick={() => void replay()}>
      {isBusy ? 'Replaying …' : 'Replay'}
    </button>
  );
}
