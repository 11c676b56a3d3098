import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';
import {
  EditableBodySchema,
  type Sample,
  SampleSchema,
  type SendRequest,
  SendRequestSchema,
} from '../protocol.ts';
import { getJson, getErrorMessage } from './api.ts';
import { useCommand, useToast } from './toast.ts';

const DEFAULT_SAMPLE = 'promotion';
const SIGNATURE_LABELS: Readonly<Record<SendRequest['signature'], string>> = {
  original: 'original',
  signed: 'valid',
  forged: 'forged',
  none: 'none',
};

/** A form that sends a sample of events/, or an edited body. */
export function SendForm(props: {
  /** A received webhook whose body is to be edited. Null for a sample. */
  readonly webhookKey: string | null;
  readonly onDone: () => void;
}): JSX.Element {
  const { webhookKey, onDone } = props;
  const showToast = useToast();
  const command = useCommand();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [sample, setSample] = useState('');
  const [edited, setEdited] = useState<{ body: string; mapping: string } | null>(null);
  const [signature, setSignature] = useState<SendRequest['signature']>('original');
  const [withNewId, setWithNewId] = useState(true);

  useEffect(() => {
    const loadSamples = async (): Promise<void> => {
      const loadedSamples = await getJson(v.array(SampleSchema), '/console/samples');
      const first = loadedSamples.find(({ name }) => name === DEFAULT_SAMPLE) ?? loadedSamples[0];
      setSamples(loadedSamples);
      setSample((previous) => previous || (first?.name ?? ''));
    };
    loadSamples().catch((error: unknown) => showToast(getErrorMessage(error)));
  }, [showToast]);

  const loadBody = async (source: Record<string, string>): Promise<void> => {
    try {
      const { body, mapping } = await getJson(EditableBodySchema, '/console/body', source);
      setEdited({ body, mapping: mapping ?? '' });
      setSignature('signed');
      setWithNewId(false);
    } catch (error) {
      showToast(getErrorMessage(error));
    }
  };
  useEffect(() => {
    if (webhookKey !== null) void loadBody({ webhookKey });
  }, [webhookKey]);

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
  const about = samples.find(({ name }) => name === sample)?.about;

  return (
    <form class="form" aria-label="Send a webhook" onSubmit={(event) => event.preventDefault()}>
      {webhookKey === null ? (
        <label>
          Sample from events/
          <select
            value={sample}
            onChange={(event) => {
              setSample(event.currentTarget.value);
              setEdited(null);
              setSignature('original');
            }}
          >
            {samples.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <span class="muted">{about}</span>
        </label>
      ) : (
        <p>
          The body of a received webhook.{' '}
          <button type="button" class="small" onClick={onDone}>
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
              onInput={(event) => setEdited({ ...edited, body: event.currentTarget.value })}
            />
          </label>
          <label>
            Mapping <span class="muted">the last part of the webhook URL; empty for none</span>
            <input
              value={edited.mapping}
              onInput={(event) => setEdited({ ...edited, mapping: event.currentTarget.value })}
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
              onChange={() => setSignature(each)}
            />
            {SIGNATURE_LABELS[each]}
          </label>
        ))}
      </fieldset>
      <label class="choice">
        <input
          type="checkbox"
          checked={withNewId}
          onChange={(event) => setWithNewId(event.currentTarget.checked)}
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
    </form>
  );
}
