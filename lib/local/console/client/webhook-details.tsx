import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Opened } from '../protocol.ts';
import { Attempts } from './attempts.tsx';
import { act, words } from './api.ts';
import { DocumentView } from './document.tsx';
import { toneOf } from './webhook-list.tsx';
import { useSay } from './toast.ts';
import { clock, duration, grouped } from './times.ts';

/** One webhook opened: how it came, what became of it, and every attempt to hand it on. */
export function OpenedView(props: {
  readonly opened: Opened;
  readonly onEdit: (key: string) => void;
}): JSX.Element {
  const { opened, onEdit } = props;
  const { row, record, rest } = opened;
  return (
    <article class="opened">
      <Heading opened={opened} onEdit={onEdit} />
      <Way opened={opened} />
      <Issues opened={opened} />
      <div class="beside">
        <Body opened={opened} />
        <section aria-label="Record">
          <h3>Record {row.recordId !== null && record !== null && <code>{row.recordId}</code>}</h3>
          {record === null ? (
            <p class="empty">{noRecord(opened)}</p>
          ) : (
            <DocumentView document={record} label="The record" />
          )}
          {rest !== null && (
            <>
              <h3>
                Rest <span class="quiet">kept as it came, no place of its own</span>
              </h3>
              <DocumentView document={rest} label="What went to rest" />
            </>
          )}
        </section>
      </div>
      <Attempts opened={opened} />
    </article>
  );
}

function Heading(props: {
  readonly opened: Opened;
  readonly onEdit: (key: string) => void;
}): JSX.Element {
  const { opened, onEdit } = props;
  const { row, ms } = opened;
  const say = useSay();
  const send = async (fresh: boolean): Promise<void> => {
    const wish = { sample: null, again: row.key, body: null, mapping: null, times: 1 };
    const signature = fresh ? 'signed' : 'as-it-is';
    say(await act('/console/send', { ...wish, fresh, signature }).catch(words));
  };
  return (
    <header class="opened-head">
      <div>
        <h2>{row.event ?? 'Not understood'}</h2>
        <p>
          <span class={`answer ${toneOf(row)}`}>
            <b>{row.answer}</b> {row.status}
          </span>{' '}
          in {duration(ms)} · {clock(row.at)} · {row.path}
          {row.repeat && <span class="tag">repeat</span>}
        </p>
      </div>
      <div class="buttons">
        <button type="button" onClick={() => void send(false)}>
          Send again
        </button>
        <button type="button" onClick={() => void send(true)}>
          Send as new
        </button>
        <button type="button" onClick={() => onEdit(row.key)}>
          Edit and send
        </button>
      </div>
    </header>
  );
}

function Way({ opened }: { readonly opened: Opened }): JSX.Element {
  return (
    <section aria-label="Its way">
      <h3>Its way</h3>
      <ol class="way">
        {opened.way.map(({ station, afterMs, text, tone }, index) => (
          <li key={index} class={tone}>
            <span class="way-time">+{duration(afterMs)}</span>
            <span class="way-station">{station}</span>
            <span class="way-text">{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Issues({ opened: { issues } }: { readonly opened: Opened }): JSX.Element | null {
  if (issues.length === 0) return null;
  return (
    <section aria-label="Issues" class="issues">
      <h3>Why it is in quarantine</h3>
      <ul>
        {issues.map(({ path, message }) => (
          <li key={path + message}>
            {path !== '' && <code>{path}</code>} {message}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Body({ opened }: { readonly opened: Opened }): JSX.Element {
  const [raw, setRaw] = useState(false);
  const { body, asItCame, bytes, base64, signature, headers } = opened;
  return (
    <section aria-label="Body">
      <h3>
        Body{' '}
        <span class="quiet">
          {grouped(bytes)} bytes{base64 && ', came as base64'}
        </span>
        <button type="button" class="small end" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          As it came
        </button>
      </h3>
      <p class={`signature ${signature.tone}`}>Signature {signature.text}</p>
      {raw ? (
        <pre class="document" role="region" aria-label="The body as it came" tabIndex={0}>
          {asItCame}
        </pre>
      ) : (
        <DocumentView document={body} label="The body, line by line" />
      )}
      <details class="headers">
        <summary>{headers.length} headers</summary>
        <dl>
          {headers.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

function noRecord({ row }: Opened): string {
  if (row.answer >= 400) return 'None: it was refused, and nothing of it was kept.';
  return 'None yet: it waits in quarantine until it is understood.';
}
