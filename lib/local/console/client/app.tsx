import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type WebhookDetails, WebhookDetailsSchema } from '../protocol.ts';
import { getJson, getErrorMessage } from './api.ts';
import { Flow } from './flow.tsx';
import { MessageList } from './message-list.tsx';
import { Queues } from './queues.tsx';
import { WebhooksPanel } from './webhooks-panel.tsx';
import { type LiveState, useLiveState } from './live-state.ts';
import { WebhookDetailsView } from './webhook-details.tsx';
import { SideTabs } from './side-tabs.tsx';
import { hasId, type Tab } from './route.ts';
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
  const [{ tab, webhookId, filter }, goTo] = useRoute();
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
        <Flow flow={live.flow} details={tab === 'webhooks' ? details : null} onTab={setTab} />
        <WebhooksPanel
          rows={live.rows}
          openId={openId}
          filter={filter}
          onFilter={(next) => goTo({ filter: next })}
          onOpen={openWebhook}
          onTab={setTab}
        />
        <SideTabs tab={tab} onTab={setTab}>
          {{
            webhooks:
              details === null ? (
                <p class="empty">Choose a webhook to see its body, record and deliveries.</p>
              ) : (
                <WebhookDetailsView
                  key={details.row.key}
                  details={details}
                  reveal={reveal}
                  onEdit={editWebhook}
                />
              ),
            'dead-letters': (
              <MessageList
                key="dead-letters"
                from="dead-letters"
                isConnected={live.isConnected}
                rows={live.rows}
                onOpen={openWebhook}
              />
            ),
            quarantine: (
              <MessageList
                key="quarantine"
                from="quarantine"
                isConnected={live.isConnected}
                rows={live.rows}
                onOpen={openWebhook}
              />
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
