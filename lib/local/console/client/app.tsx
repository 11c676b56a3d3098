import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { type WebhookDetails, WebhookDetailsSchema } from '../protocol.ts';
import { getJson, getErrorMessage } from './api.ts';
import { Flow } from './flow.tsx';
import { Queues } from './queues.tsx';
import { WebhookList } from './webhook-list.tsx';
import { type LiveState, useLiveState } from './live-state.ts';
import { WebhookDetailsView } from './webhook-details.tsx';
import { SideTabs, type Tab } from './side-tabs.tsx';
import { ToastContext } from './toast.ts';
import { EMPTY_SEND_DRAFT, SendForm } from './send-form.tsx';
import { Header } from './header.tsx';
import { type MappingDraft, TryMapping } from './try-mapping.tsx';

/** Long enough to read two lines. */
const TOAST_MS = 8_000;

/** The whole page. */
export function App(): JSX.Element {
  const live = useLiveState();
  const [toast, setToast] = useState('');
  const [reveal, setReveal] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [tab, setTab] = useState<Tab | null>(null);
  const [sendDraft, setSendDraft] = useState(EMPTY_SEND_DRAFT);
  const [mappingDraft, setMappingDraft] = useState<MappingDraft>({ mapping: null, body: '' });
  const showToast = useCallback((text: string) => setToast(text), []);
  useEffect(() => {
    if (toast === '') return;
    const timer = setTimeout(() => setToast(''), TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  const details = useWebhookDetails(openKey, reveal, live, showToast);
  if (live === null) return <p class="loading">Connecting to the pipeline …</p>;

  const openWebhook = (key: string): void => {
    setOpenKey(key);
    setTab('webhook');
  };
  const editWebhook = (key: string): void => {
    setSendDraft((previous) => ({ ...EMPTY_SEND_DRAFT, sample: previous.sample, webhookKey: key }));
    setTab('send');
  };
  return (
    <ToastContext.Provider value={showToast}>
      <Header live={live} reveal={reveal} onReveal={setReveal} />
      {live.restart !== null && (
        <p class="restart warn" role="alert">
          {live.restart}
        </p>
      )}
      <main>
        <Flow
          flow={live.flow}
          details={tab === 'webhook' ? details : null}
          onQueues={() => setTab('queues')}
        />
        <section class="webhooks" aria-label="Webhooks">
          <header class="panel-bar">
            <h2>Webhooks</h2>
            <span class="muted">{live.rows.length === 1_000 ? 'newest 1,000' : ''}</span>
            <button type="button" class="align-end narrow-only" onClick={() => setTab('queues')}>
              Queues
            </button>
            <button type="button" class="primary align-end" onClick={() => setTab('send')}>
              Send a webhook
            </button>
          </header>
          {live.rows.length === 0 ? (
            <EmptyList />
          ) : (
            <WebhookList rows={live.rows} openKey={openKey} onOpen={openWebhook} />
          )}
        </section>
        <SideTabs tab={tab} onTab={setTab}>
          {{
            webhook:
              details === null ? (
                <p class="empty">Choose a webhook to see its body, record and deliveries.</p>
              ) : (
                <WebhookDetailsView key={details.row.key} details={details} onEdit={editWebhook} />
              ),
            queues: <Queues destinations={live.flow.destinations} />,
            send: <SendForm draft={sendDraft} onDraft={setSendDraft} />,
            mapping: (
              <TryMapping
                mappings={live.mappings}
                reveal={reveal}
                draft={mappingDraft}
                onDraft={setMappingDraft}
              />
            ),
          }}
        </SideTabs>
      </main>
      <output class={toast === '' ? 'toast hidden' : 'toast'}>
        {toast}
        {toast !== '' && (
          <button type="button" class="small" aria-label="Dismiss" onClick={() => setToast('')}>
            ×
          </button>
        )}
      </output>
    </ToastContext.Provider>
  );
}

function EmptyList(): JSX.Element {
  return (
    <div class="empty">
      <p>
        <b>No webhooks yet</b>
      </p>
      <p>Send a sample, or run the curl command that npm start printed.</p>
    </div>
  );
}

/** Loads the open webhook, and again whenever its row changes. */
function useWebhookDetails(
  key: string | null,
  reveal: boolean,
  live: LiveState | null,
  showToast: (text: string) => void,
): WebhookDetails | null {
  const [details, setDetails] = useState<WebhookDetails | null>(null);
  const row = live?.rows.find((each) => each.key === key);
  const rowState = JSON.stringify(row ?? null);
  useEffect(() => {
    if (key === null) return;
    let isCurrent = true;
    const load = async (): Promise<void> => {
      const query = { key, reveal: reveal ? 'yes' : 'no' };
      const result = await getJson(WebhookDetailsSchema, '/console/webhook', query);
      if (isCurrent) setDetails(result);
    };
    load().catch((error: unknown) => showToast(getErrorMessage(error)));
    return () => {
      isCurrent = false;
    };
  }, [key, reveal, rowState, showToast]);
  return details?.row.key === key ? details : null;
}
