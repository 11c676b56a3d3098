import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TextDocument, DocumentLine } from '../protocol.ts';

const INITIAL_LINE_COUNT = 250;
const KEY_AND_VALUE = /^("(?:[^"\\]|\\.)*")(: )([\s\S]*)$/;

/** A body or a record in numbered lines, each with its annotations below it. */
export function DocumentView(props: {
  readonly document: TextDocument;
  readonly label: string;
}): JSX.Element {
  const { document, label } = props;
  const [isExpanded, setIsExpanded] = useState(false);
  const { lines, truncatedCharacters } = document;
  const shown = isExpanded ? lines : lines.slice(0, INITIAL_LINE_COUNT);
  const hidden = lines.length - shown.length;
  return (
    <div class="document" role="region" aria-label={label} tabIndex={0}>
      <ol>
        {shown.map((line, index) => (
          <LineView key={index} line={line} />
        ))}
      </ol>
      {hidden > 0 && (
        <button type="button" class="small" onClick={() => setIsExpanded(true)}>
          Show {hidden} more lines
        </button>
      )}
      {truncatedCharacters > 0 && (
        <p class="muted">{truncatedCharacters} more characters are not shown.</p>
      )}
    </div>
  );
}

function LineView({ line }: { readonly line: DocumentLine }): JSX.Element {
  const { indent, text, annotations, isUnmapped } = line;
  const [, key, colon, value] = KEY_AND_VALUE.exec(text) ?? [];
  return (
    <li class={annotations.length > 0 ? 'line annotated' : 'line'}>
      <code style={{ paddingLeft: `${indent * 1.1}em` }}>
        {key === undefined ? (
          <Value text={text} />
        ) : (
          <>
            <span class="json-key">{key}</span>
            {colon}
            <Value text={value ?? ''} />
          </>
        )}
        {isUnmapped && (
          <span
            class="unmapped-tag"
            title="The record has no field for this value. It is in unmapped."
          >
            unmapped
          </span>
        )}
      </code>
      {annotations.map(({ kind, message }) => (
        <p key={message} class={`annotation ${kind}`}>
          <b>{kind}</b> {message}
        </p>
      ))}
    </li>
  );
}

function Value({ text }: { readonly text: string }): JSX.Element {
  const kind = text.startsWith('"')
    ? 'json-string'
    : /^[{}[\],]/.test(text)
      ? 'json-punctuation'
      : 'json-literal';
  return <span class={kind}>{text}</span>;
}
