import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';
import {
  EditableSchema,
  type Sample,
  SampleSchema,
  type Sending,
  SendingSchema,
} from '../protocol.ts';
import { act, ask, words } from './api.ts';
import { useSay } from './toast.ts';

const USUAL_SAMPLE = 'promotion';
const SIGNATURES: Readonly<Record<Sending['signature'], string>> = {
  'as-it-is': "the sample's own",
  signed: 'signed anew',
  forged: 'forged',
  none: 'none',
};

/** Sends a sample of events/, or a body that a person has edited. */
export function Send(props: {
  /** A webhook that came in before, whose body is to be edited. */
  readonly again: string | null;
  readonly onDone: () => void;
}): JSX.Element {
  const { again, onDone } = props;
  const say = useSay();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [sample, setSample] = useState('');
  const [edited, setEdited] = useState<{ body: string; mapping: string } | null>(null);
  const [signature, setSignature] = useState<Sending['signature']>('as-it-is');
  const [fresh, setFresh] = useState(true);

  useEffect(() => {
    const read = async (): Promise<void> => {
      const list = await ask(v.array(SampleSchema), '/console/samples');
      const first = list.find(({ name }) => name === USUAL_SAMPLE) ?? list[0];
      setSamples(list);
      setSample((before) => before || (first?.name ?? ''));
    };
    read().catch((fault: unknown) => say(words(fault)));
  }, [say]);

  const edit = async (origin: Record<string, string>): Promise<void> => {
    const { body, mapping } = await ask(EditableSchema, '/console/body', origin);
    setEdited({ body, mapping: mapping ?? '' });
    setSignature('signed');
    setFresh(false);
  };
  useEffect(() => {
    if (again !== null) edit({ again }).catch((fault: unknown) => say(words(fault)));
  }, [again]);

  const send = async (times: 1 | 2): Promise<void> => {
    const wish: Sending = {
      sample: again === null ? sample : null,
      again,
      body: edited?.body ?? null,
      mapping: edited?.mapping ?? null,
      signature,
      times,
      fresh: fresh && signature !== 'none',
    };
    say(await act('/console/send', wish).catch(words));
  };
  const about = samples.find(({ name }) => name === sample)?.about;

  return (
    <form class="form" aria-label="Send a webhook" onSubmit={(event) => event.preventDefault()}>
      {again === null ? (
        <label>
          Sample of events/
          <select
            value={sample}
            onChange={(event) => {
              setSample(event.currentTarget.value);
              setEdited(null);
              setSignature('as-it-is');
            }}
          >
            {samples.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <span class="quiet">{about}</span>
        </label>
      ) : (
        <p>
          The body of a webhook that came in.{' '}
          <button type="button" class="small" onClick={onDone}>
            Choose a sample instead
          </button>
        </p>
      )}
      {edited === null ? (
        <p>
          <button type="button" class="small" onClick={() => void edit({ sample })}>
            Edit the body
          </button>{' '}
          <span class="quiet">shows it as it is, nothing masked</span>
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
            Mapping <span class="quiet">the end of the address, if any</span>
            <input
              value={edited.mapping}
              onInput={(event) => setEdited({ ...edited, mapping: event.currentTarget.value })}
            />
          </label>
        </>
      )}
      <fieldset>
        <legend>Signature</legend>
        {SendingSchema.entries.signature.options.map((each) => (
          <label key={each} class="choice">
            <input
              type="radio"
              name="signature"
              checked={signature === each}
              onChange={() => setSignature(each)}
            />
            {SIGNATURES[each]}
          </label>
        ))}
      </fieldset>
      <label class="choice">
        <input
          type="checkbox"
          checked={fresh}
          onChange={(event) => setFresh(event.currentTarget.checked)}
        />
        As a new webhook <span class="quiet">with an id that was never used</span>
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
