import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Row, type WebhookDetails, WebhookDetailsSchema } from '../protocol.ts';
import { getJson, getErrorMessage } from './api.ts';
import { Flow } from './flow.tsx';
import { Queues } from './queues.tsx';
import { WebhookList } from './webhook-list.tsx';
import { type LiveState, useLiveState } from './live-state.ts';
import { WebhookDetailsView } from './webhook-details.tsx';
import { SideTabs } from './side-tabs.tsx';
import type { Tab } from './route.ts';
import { useRoute } from './use-route.ts';
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
  const [{ tab, webhookId }, goTo] = useRoute();
  // the tab of the webhook still shows it after another tab was open
  const lastWebhookId = useRef<string | null>(null);
  if (tab === 'webhooks' && webhookId !== null) lastWebhookId.current = webhookId;
  const openId = webhookId ?? lastWebhookId.current;
  const [sendDraft, setSendDraft] = useState(EMPTY_SEND_DRAFT);
  const [mappingDraft, setMappingDraft] = useState<MappingDraft>({ mapping: null, body: '' });
  const showToast = useCallback((text: string) => setToast(text), []);
  useEffect(() => {
    if (toast === '') return;
    const timer = setTimeout(() => setToast(''), TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  const details = useWebhookDetails(openId, reveal, live, showToast);
  if (live === null) return <p class="loading">Connecting to the pipeline …</p>;

  const openWebhook = (key: string): void => goTo({ tab: 'webhooks', webhookId: key });
  const setTab = (next: Tab | null): void =>
    goTo({ tab: next, webhookId: next === 'webhooks' ? openId : null });
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
          details={tab === 'webhooks' ? details : null}
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
            <WebhookList
              rows={live.rows}
              openKey={live.rows.find((row) => hasId(row, openId))?.key ?? null}
              onOpen={openWebhook}
            />
          )}
        </section>
        <SideTabs tab={tab} onTab={setTab}>
          {{
            webhooks:
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

const hasId = ({ key, recordId }: Row, id: string | null): boolean =>
  id !== null && (key === id || recordId === id);

/** Loads the open webhook, and again whenever its row changes. */
function useWebhookDetails(
  id: string | null,
  reveal: boolean,
  live: LiveState | null,
  showToast: (text: string) => void,
): WebhookDetails | null {
  const [details, setDetails] = useState<WebhookDetails | null>(null);
  const row = live?.rows.find((each) => hasId(each, id));
  const rowState = JSON.stringify(row ?? null);
  useEffect(() => {
    if (id === null) return;
    let isCurrent = true;
    const load = async (): Promise<void> => {
      const query = { key: id, reveal: reveal ? 'yes' : 'no' };
      const result = await getJson(WebhookDetailsSchema, '/console/webhook', query);
      if (isCurrent) setDetails(result);
    };
    load().catch((error: unknown) => showToast(getErrorMessage(error)));
    return () => {
      isCurrent = false;
    };
  }, [id, reveal, rowState, showToast]);
  return details !== null && hasId(details.row, id) ? details : null;
}
