import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TimelineEvent, WebhookDetails } from '../protocol.ts';
import { Attempts } from './attempts.tsx';
import { CopyButton, CopyWebhookButton } from './copy.tsx';
import { ReplayButton } from './replay-button.tsx';
import { DocumentView } from './document.tsx';
import { ResponseStatus } from './webhook-list.tsx';
import { useCommand } from './toast.ts';
import { formatTime, formatDuration, formatCount } from './format.ts';

/** The open webhook: its response, timeline, body, record and attempts. */
export function WebhookDetailsView(props: {
  readonly details: WebhookDetails;
  /** Whether codes, e-mail addresses and names are shown. */
  readonly reveal: boolean;
  readonly onEdit: (key: string) => void;
}): JSX.Element {
  const { details, reveal, onEdit } = props;
  const { row, record, unmapped } = details;
  return (
    <article class="webhook-details">
      <Heading details={details} onEdit={onEdit} />
      <Timeline details={details} />
      <Issues details={details} />
      <div class="columns">
        <Body details={details} reveal={reveal} />
        <section aria-label="Record">
          <h3>
            Record {row.recordId !== null && record !== null && <code>{row.recordId}</code>}
            {record !== null && (
              <span class="align-end">
                <CopyWebhookButton
                  label="Copy"
                  webhookKey={row.key}
                  format="record"
                  reveal={reveal}
                />
              </span>
            )}
          </h3>
          {record === null ? (
            <p class="empty">{explainMissingRecord(details)}</p>
          ) : (
            <DocumentView document={record} label="Formatted record" />
          )}
          {unmapped !== null && (
            <>
              <h3>
                Unmapped{' '}
                <span class="muted">values as received, without a field in the record</span>
              </h3>
              <DocumentView document={unmapped} label="Unmapped fields" />
            </>
          )}
        </section>
      </div>
      <Attempts details={details} />
    </article>
  );
}

function Heading(props: {
  readonly details: WebhookDetails;
  readonly onEdit: (key: string) => void;
}): JSX.Element {
  const { details, onEdit } = props;
  const { row, ms } = details;
  const command = useCommand();
  const send = async (withNewId: boolean): Promise<void> => {
    const request = { sample: null, webhookKey: row.key, body: null, mapping: null, count: 1 };
    const signature = withNewId ? 'signed' : 'original';
    await command('/console/send', { ...request, withNewId, signature });
  };
  return (
    <header class="details-head">
      <div>
        <h2>{row.event ?? 'Unknown event'}</h2>
        <p>
          <ResponseStatus row={row} /> in {formatDuration(ms)} · {formatTime(row.at)} · {row.path}
          {row.isDuplicate && <span class="tag">duplicate</span>}
          {row.isPast && (
            <span
              class="tag"
              title="It came before npm start was started again, which empties its queues."
            >
              earlier run
            </span>
          )}
        </p>
        {row.distribution !== null && <p>Distribution {row.distribution}</p>}
      </div>
      <div class="buttons">
        {row.status === 'quarantined' && !row.isPast && row.recordId !== null && (
          <ReplayButton from="quarantine" id={row.recordId} />
        )}
        <CopyButton
          label="Copy id"
          text={row.recordId ?? row.key}
          what={`the id ${row.recordId ?? row.key}`}
        />
        <CopyWebhookButton label="Copy as curl" webhookKey={row.key} format="curl" reveal={true} />

        <button type="button" class="small" onClick={() => void send(false)}>
          Send again
        </button>
        <button type="button" class="small" onClick={() => void send(true)}>
          Send with a new id
        </button>
        <button type="button" class="small" onClick={() => onEdit(row.key)}>
          Edit and send
        </button>
      </div>
    </header>
  );
}

const NODE_LABELS: Readonly<Record<TimelineEvent['node'], string>> = {
  endpoint: 'endpoint',
  records: 'records',
  destination: 'destination',
  deadLetters: 'dead letters',
};

function Timeline({ details }: { readonly details: WebhookDetails }): JSX.Element {
  return (
    <section aria-label="Timeline">
      <h3>Timeline</h3>
      <ol class="timeline">
        {details.timeline.map(({ node, destination, afterMs, text, level }, index) => (
          <li key={index} class={level}>
            <span class="timeline-time">+{formatDuration(afterMs)}</span>
            <span class="timeline-node">{destination ?? NODE_LABELS[node]}</span>
            <span class="timeline-text">{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Issues({ details: { issues } }: { readonly details: WebhookDetails }): JSX.Element | null {
  if (issues.length === 0) return null;
  return (
    <section aria-label="Issues" class="issues">
      <h3>Issues</h3>
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

function Body(props: { readonly details: WebhookDetails; readonly reveal: boolean }): JSX.Element {
  const { details, reveal } = props;
  const [isRaw, setIsRaw] = useState(false);
  const { body, rawBody, bytes, isBase64, signature, headers } = details;
  return (
    <section aria-label="Body">
      <h3>
        Body{' '}
        <span class="muted">
          {formatCount(bytes)} bytes{isBase64 && ', base64 in the gateway event'}
        </span>
        <span class="buttons align-end">
          <CopyWebhookButton
            label="Copy"
            webhookKey={details.row.key}
            format="body"
            reveal={reveal}
          />
          <button type="button" class="small" aria-pressed={isRaw} onClick={() => setIsRaw(!isRaw)}>
            Raw
          </button>
        </span>
      </h3>
      <p class={`signature ${signature.level}`}>Signature {signature.text}</p>
      {isRaw ? (
        <pre class="document" role="region" aria-label="Raw body" tabIndex={0}>
          {rawBody}
        </pre>
      ) : (
        <DocumentView document={body} label="Formatted body" />
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

function explainMissingRecord({ row }: WebhookDetails): string {
  return row.httpStatus >= 400
    ? `No record: the response was ${row.httpStatus}, so nothing was stored.`
    : 'No record yet. The webhook is in quarantine. Fix the cause, then replay it.';
}
