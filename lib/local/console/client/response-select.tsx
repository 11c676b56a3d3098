import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { type Behaviour, BehaviourSchema } from '../protocol.ts';
import { act } from './api.ts';

const RETRY_AFTER_SECONDS = 20;

const LABELS: Readonly<Record<Behaviour, string>> = {
  ok: 'answers 200',
  '500': 'answers 500',
  '429': `429, after ${RETRY_AFTER_SECONDS} s`,
  '400': 'answers 400',
  hang: 'hangs',
  close: 'cuts the line',
};

/** Lets a person choose how a destination of this machine answers. */
export function BehaviourChoice(props: {
  readonly destination: string;
  readonly behaviour: Behaviour;
}): JSX.Element {
  const { destination, behaviour } = props;
  const [wanted, setWanted] = useState<Behaviour | null>(null);
  const choose = (text: string): void => {
    const choice = v.parse(BehaviourSchema, text);
    setWanted(choice);
    const settled = (): void => setWanted(null);
    act('/console/behave', {
      destination,
      behaviour: choice,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    }).then(settled, settled);
  };
  return (
    <select
      class="end small"
      aria-label={`How ${destination} answers`}
      value={wanted ?? behaviour}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {BehaviourSchema.options.map((each) => (
        <option key={each} value={each}>
          {LABELS[each]}
        </option>
      ))}
    </select>
  );
}
