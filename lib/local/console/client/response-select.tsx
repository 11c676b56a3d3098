import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { type ResponseChoice, ResponseChoiceSchema } from '../protocol.ts';
import { runCommand } from './api.ts';

const RETRY_AFTER_SECONDS = 20;

const LABELS: Readonly<Record<ResponseChoice, string>> = {
  ok: 'responds 200',
  '500': 'responds 500',
  '429': `429, after ${RETRY_AFTER_SECONDS} s`,
  '400': 'responds 400',
  hang: 'hangs',
  close: 'closes the connection',
};

/** Lets a person choose how a destination of this machine answers. */
export function ResponseSelect(props: {
  readonly destination: string;
  readonly responseChoice: ResponseChoice;
}): JSX.Element {
  const { destination, responseChoice } = props;
  const [pendingChoice, setPendingChoice] = useState<ResponseChoice | null>(null);
  const choose = (text: string): void => {
    const choice = v.parse(ResponseChoiceSchema, text);
    setPendingChoice(choice);
    const clearPendingChoice = (): void => setPendingChoice(null);
    runCommand('/console/response', {
      destination,
      responseChoice: choice,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    }).then(clearPendingChoice, clearPendingChoice);
  };
  return (
    <select
      class="align-end small"
      aria-label={`How ${destination} responds`}
      value={pendingChoice ?? responseChoice}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {ResponseChoiceSchema.options.map((each) => (
        <option key={each} value={each}>
          {LABELS[each]}
        </option>
      ))}
    </select>
  );
}
