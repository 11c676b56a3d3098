import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Document, Line } from '../protocol.ts';

const LINES_AT_FIRST = 250;
const KEY_AND_VALUE = /^("(?:[^"\\]|\\.)*")(: )([\s\S]*)$/;

/** JSON in numbered lines, with what is to be said about them beneath. */
export function DocumentView(props: {
  readonly document: Document;
  readonly label: string;
}): JSX.Element {
  const { document, label } = props;
  const [all, setAll] = useState(false);
  const { lines, cutOff } = document;
  const shown = all ? lines : lines.slice(0, LINES_AT_FIRST);
  const hidden = lines.length - shown.length;
  return (
    <div class="document" role="region" aria-label={label} tabIndex={0}>
      <ol>
        {shown.map((line, index) => (
          <LineView key={index} line={line} />
        ))}
      </ol>
      {hidden > 0 && (
        <button type="button" class="small" onClick={() => setAll(true)}>
          Show {hidden} more lines
        </button>
      )}
      {cutOff > 0 && <p class="quiet">{cutOff} more characters were not kept.</p>}
    </div>
  );
}

function LineView({ line }: { readonly line: Line }): JSX.Element {
  const { indent, text, remarks, rest } = line;
  const [, key, colon, value] = KEY_AND_VALUE.exec(text) ?? [];
  return (
    <li class={remarks.length > 0 ? 'line remarked' : 'line'}>
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
        {rest && (
          <span class="rest-mark" title="Has no place of its own in the record; it is in rest">
            rest
          </span>
        )}
      </code>
      {remarks.map(({ tone, message }) => (
        <p key={message} class={`remark ${tone}`}>
          <b>{tone}</b> {message}
        </p>
      ))}
    </li>
  );
}

function Value({ text }: { readonly text: string }): JSX.Element {
  const kind = text.startsWith('"')
    ? 'json-string'
    : /^[{}[\],]/.test(text)
      ? 'json-mark'
      : 'json-literal';
  return <span class={kind}>{text}</span>;
}
