import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';
import {
  EditableBodySchema,
  type Sample,
  SampleSchema,
  type SendRequest,
  SendRequestSchema,
} from '../commands.ts';
import { getJson, getErrorMessage } from './api.ts';
import { CopyButton } from './copy.tsx';
import { useCommand, useToast } from './toast.ts';

const DEFAULT_SAMPLE = 'promotion';
const SIGNATURE_LABELS: Readonly<Record<SendRequest['signature'], string>> = {
  original: 'original',
  signed: 'valid',
  forged: 'forged',
  none: 'none',
};

/** What the form holds. It is kept while another tab is open. */
export interface SendDraft {
  /** A received webhook whose body is edited; null for a sample. */
  readonly webhookKey: string | null;
  /** Empty until the samples are loaded. */
  readonly sample: string;
  /** Null: sent as it is. */
  readonly edited: { readonly body: string; readonly mapping: string } | null;
  readonly signature: SendRequest['signature'];
  readonly withNewId: boolean;
}

export const EMPTY_SEND_DRAFT: SendDraft = {
  webhookKey: null,
  sample: '',
  edited: null,
  signature: 'original',
  withNewId: true,
};

/** A form that sends a sample of events/, or an edited body. */
export function SendForm(props: {
  readonly draft: SendDraft;
  readonly onDraft: (change: (draft: SendDraft) => SendDraft) => void;
}): JSX.Element {
  const { draft, onDraft } = props;
  const { webhookKey, sample, edited, signature, withNewId } = draft;
  const showToast = useToast();
  const command = useCommand();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const change = (changes: Partial<SendDraft>): void =>
    onDraft((previous) => ({ ...previous, ...changes }));

  useEffect(() => {
    const loadSamples = async (): Promise<void> => {
      const loadedSamples = await getJson(v.array(SampleSchema), '/console/samples');
      const first = loadedSamples.find(({ name }) => name === DEFAULT_SAMPLE) ?? loadedSamples[0];
      setSamples(loadedSamples);
      onDraft((previous) => ({ ...previous, sample: previous.sample || (first?.name ?? '') }));
    };
    loadSamples().catch((error: unknown) => showToast(getErrorMessage(error)));
  }, [showToast, onDraft]);

  const loadBody = async (source: Record<string, string>): Promise<void> => {
    try {
      const { body, mapping } = await getJson(EditableBodySchema, '/console/body', source);
      change({ edited: { body, mapping: mapping ?? '' }, signature: 'signed' });
    } catch (error) {
      showToast(getErrorMessage(error));
    }
  };
  const isUnloaded = webhookKey !== null && edited === null;
  useEffect(() => {
    if (isUnloaded) void loadBody({ webhookKey });
  }, [isUnloaded, webhookKey]);

  const send = async (count: 1 | 2): Promise<void> => {
    const request: SendRequest = {
      sample: webhookKey === null ? sample : null,
      webhookKey,
      body: edited?.body ?? null,
      mapping: edited?.mapping ?? null,
      signature,
      count,
      withNewId: withNewId && signature !== 'none',
    };
    await command('/console/send', request);
  };
  const { about, isRepetition } = samples.find(({ name }) => name === sample) ?? {};

  return (
    <form class="form" aria-label="Send a webhook" onSubmit={(event) => event.preventDefault()}>
      {webhookKey === null ? (
        <label>
          Sample from events/
          <select
            value={sample}
            onChange={(event) =>
              change({
                sample: event.currentTarget.value,
                edited: null,
                signature: 'original',
                withNewId: true,
              })
            }
          >
            {samples.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <span class="muted">
            {about}
            {isRepetition === true && ' Under a new id it is sent twice.'}
          </span>
        </label>
      ) : (
        <p>
          The body of a received webhook.{' '}
          <button
            type="button"
            class="small"
            onClick={() => change({ webhookKey: null, edited: null, signature: 'original' })}
          >
            Send a sample instead
          </button>
        </p>
      )}
      {edited === null ? (
        <p>
          <button
            type="button"
            class="small"
            disabled={sample === ''}
            onClick={() => void loadBody({ sample })}
          >
            Edit the body
          </button>{' '}
          <span class="muted">the body is shown without masking</span>
        </p>
      ) : (
        <>
          <label>
            Body
            <textarea
              rows={14}
              spellcheck={false}
              value={edited.body}
              onInput={(event) =>
                change({ edited: { ...edited, body: event.currentTarget.value } })
              }
            />
          </label>
          <label>
            Mapping <span class="muted">the last part of the webhook URL; empty for none</span>
            <input
              value={edited.mapping}
              onInput={(event) =>
                change({ edited: { ...edited, mapping: event.currentTarget.value } })
              }
            />
          </label>
        </>
      )}
      <fieldset>
        <legend>Signature</legend>
        {SendRequestSchema.entries.signature.options.map((each) => (
          <label key={each} class="choice">
            <input
              type="radio"
              name="signature"
              checked={signature === each}
              onChange={() => change({ signature: each })}
            />
            {SIGNATURE_LABELS[each]}
          </label>
        ))}
      </fieldset>
      <label class="choice">
        <input
          type="checkbox"
          checked={withNewId}
          onChange={(event) => change({ withNewId: event.currentTarget.checked })}
        />
        New webhook id <span class="muted">so that it is not a duplicate</span>
      </label>
      <div class="buttons">
        <button type="submit" class="primary" onClick={() => void send(1)}>
          Send
        </button>
        <button type="button" onClick={() => void send(2)}>
          Send twice
        </button>
      </div>
      {webhookKey === null && sample !== '' && <FromTerminal sample={sample} />}
    </form>
  );
}

/** How to send the same sample without the page. The command finds the running npm start by itself. */
function FromTerminal({ sample }: { readonly sample: string }): JSX.Element {
  const command = `npm run send -- events/${sample}.json`;
  return (
    <p class="from-terminal">
      <span class="muted">From a terminal:</span> <code>{command}</code>
      <CopyButton label="Copy" text={command} what="the command that sends this sample" />
      <span class="muted">
        <code>--new-id</code> gives it a new id.
      </span>
    </p>
  );
}
