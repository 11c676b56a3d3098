import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Tried, TriedSchema } from '../protocol.ts';
import { actWith, words } from './api.ts';
import { useSay } from './toast.ts';

/** Tries a mapping of functions/mappings.ts, as the file is now, against a pasted body. */
export function TryMapping(props: {
  readonly mappings: readonly string[];
  readonly reveal: boolean;
}): JSX.Element {
  const { mappings, reveal } = props;
  const say = useSay();
  const [chosen, setChosen] = useState<string | null>(null);
  const [body, setBody] = useState('');
  const [tried, setTried] = useState<Tried | null>(null);
  const mapping = chosen ?? mappings[0] ?? '';
  const attempt = async (): Promise<void> => {
    const path = `/console/try?reveal=${reveal ? 'yes' : 'no'}`;
    const result = await actWith(TriedSchema, path, { mapping, body }).catch(words);
    if (typeof result === 'string') say(result);
    else setTried(result);
  };
  return (
    <form class="form" aria-label="Try a mapping" onSubmit={(event) => event.preventDefault()}>
      <label>
        Mapping of functions/mappings.ts
        <select value={mapping} onChange={(event) => setChosen(event.currentTarget.value)}>
          {mappings.map((name) => (
            <option key={name}>{name}</option>
          ))}
          <option value="">none: Voucherify's own shapes</option>
        </select>
      </label>
      <label>
        Body
        <textarea
          rows={10}
          spellcheck={false}
          placeholder={'{ "To": "somebody@example.com", … }'}
          value={body}
          onInput={(event) => setBody(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <button type="submit" class="primary" onClick={() => void attempt()}>
          Try
        </button>
      </div>
      {tried !== null && <Outcome tried={tried} />}
    </form>
  );
}

function Outcome({ tried }: { readonly tried: Tried }): JSX.Element {
  const { understood, purpose, fields, rest, remarks } = tried;
  return (
    <section aria-label="What it becomes" aria-live="polite">
      <h3>
        {understood ? (
          <>
            A record of purpose <span class={`purpose ${purpose}`}>{purpose}</span>
          </>
        ) : (
          'Not understood; it would wait in quarantine'
        )}
      </h3>
      {remarks.map(({ path, message }) => (
        <p key={path + message} class={understood ? 'remark warning' : 'remark issue'}>
          {path !== '' && <code>{path}</code>} {message}
        </p>
      ))}
      <FieldLines title="Fields" lines={fields} />
      <FieldLines title="Left in rest" lines={rest} />
    </section>
  );
}

function FieldLines(props: {
  readonly title: string;
  readonly lines: readonly string[];
}): JSX.Element | null {
  if (props.lines.length === 0) return null;
  return (
    <>
      <h4>{props.title}</h4>
      <pre class="document" role="region" aria-label={props.title} tabIndex={0}>
        {props.lines.join('\n')}
      </pre>
    </>
  );
}
