import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { act, words } from './api.ts';
import { useSay } from './toast.ts';

/** Puts what waits for a person back into the flow, with the operator's own function. */
export function PutBack(props: {
  readonly from: 'quarantine' | 'dead-letters';
  readonly count: number;
}): JSX.Element | null {
  const { from, count } = props;
  const [busy, setBusy] = useState(false);
  const say = useSay();
  const putBack = async (): Promise<void> => {
    setBusy(true);
    say(await act('/console/replay', { from, dryRun: false }).catch(words));
    setBusy(false);
  };
  if (count === 0 && !busy) return null;
  return (
    <button type="button" class="small end" disabled={busy} onClick={() => void putBack()}>
      {busy ? 'Putting back …' : 'Put back'}
    </button>
  );
}
