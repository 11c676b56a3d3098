import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { type ResponseChoice, ResponseChoiceSchema } from '../protocol.ts';
import { getErrorMessage, runCommand } from './api.ts';
import { useToast } from './toast.ts';

const RETRY_AFTER_SECONDS = 20;

const LABELS: Readonly<Record<ResponseChoice, string>> = {
  ok: 'responds 200',
  '500': 'responds 500',
  '429': `responds 429, Retry-After ${RETRY_AFTER_SECONDS} s`,
  '400': 'responds 400',
  hang: 'no response',
  close: 'closes the connection',
};

/** A select of the response that a mock destination gives. */
export function ResponseSelect(props: {
  readonly destination: string;
  readonly responseChoice: ResponseChoice;
}): JSX.Element {
  const { destination, responseChoice } = props;
  const showToast = useToast();
  const [pendingChoice, setPendingChoice] = useState<ResponseChoice | null>(null);
  const choose = (text: string): void => {
    const choice = v.parse(ResponseChoiceSchema, text);
    setPendingChoice(choice);
    runCommand('/console/response', {
      destination,
      responseChoice: choice,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
      .catch((error: unknown) => showToast(getErrorMessage(error)))
      .finally(() => setPendingChoice(null));
  };
  return (
    <select
      class="align-end small"
      aria-label={`Response of ${destination}`}
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
