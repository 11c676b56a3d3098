import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type MappingPreview, MappingPreviewSchema } from '../commands.ts';
import { postCommand, getErrorMessage } from './api.ts';
import { useToast } from './toast.ts';

/** What the form holds. It is kept while another tab is open. */
export interface MappingDraft {
  /** Null: none was chosen yet. */
  readonly mapping: string | null;
  readonly body: string;
}

/** A form that applies a mapping to a pasted body, with functions/mappings.ts as the file is now. */
export function TryMapping(props: {
  readonly mappings: readonly string[];
  readonly reveal: boolean;
  readonly draft: MappingDraft;
  readonly onDraft: (draft: MappingDraft) => void;
}): JSX.Element {
  const { mappings, reveal, draft, onDraft } = props;
  const { body } = draft;
  const showToast = useToast();
  const [preview, setPreview] = useState<MappingPreview | null>(null);
  const mapping = draft.mapping ?? mappings[0] ?? '';
  const tryMapping = async (): Promise<void> => {
    const path = `/console/try?reveal=${reveal ? 'yes' : 'no'}`;
    const result = await postCommand(MappingPreviewSchema, path, { mapping, body }).catch(
      getErrorMessage,
    );
    if (typeof result === 'string') showToast(result);
    else setPreview(result);
  };
  return (
    <form class="form" aria-label="Try a mapping" onSubmit={(event) => event.preventDefault()}>
      <label>
        Mapping in functions/mappings.ts
        <select
          value={mapping}
          onChange={(event) => onDraft({ ...draft, mapping: event.currentTarget.value })}
        >
          {mappings.map((name) => (
            <option key={name}>{name}</option>
          ))}
          <option value="">none (Voucherify's own formats)</option>
        </select>
      </label>
      <label>
        Body
        <textarea
          rows={10}
          spellcheck={false}
          placeholder={'{ "To": "somebody@example.com", … }'}
          value={body}
          onInput={(event) => onDraft({ ...draft, body: event.currentTarget.value })}
        />
      </label>
      <div class="buttons">
        <button type="submit" class="primary" onClick={() => void tryMapping()}>
          Try
        </button>
      </div>
      {preview !== null && <MappingResult preview={preview} />}
    </form>
  );
}

function MappingResult({ preview }: { readonly preview: MappingPreview }): JSX.Element {
  const { isValid, purpose, fields, unmapped, issues } = preview;
  return (
    <section aria-label="Result of the mapping" aria-live="polite">
      <h3>
        {isValid ? (
          <>
            Valid. Purpose: <span class={`purpose ${purpose}`}>{purpose}</span>
          </>
        ) : (
          'Invalid. receive would quarantine it.'
        )}
      </h3>
      {issues.map(({ path, message }) => (
        <p key={path + message} class={isValid ? 'annotation warning' : 'annotation issue'}>
          {path !== '' && <code>{path}</code>} {message}
        </p>
      ))}
      <FieldLines title="Fields" lines={fields} />
      <FieldLines title="Unmapped" lines={unmapped} />
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
