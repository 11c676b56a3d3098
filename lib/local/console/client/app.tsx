import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { type Opened, OpenedSchema } from '../protocol.ts';
import { ask, words } from './api.ts';
import { Flow } from './flow.tsx';
import { List } from './webhook-list.tsx';
import { type Live, useLive } from './live.ts';
import { OpenedView } from './webhook-details.tsx';
import { Pane, type Tab } from './side-panel.tsx';
import { Say } from './toast.ts';
import { Send } from './send.tsx';
import { Top } from './header.tsx';
import { TryMapping } from './try-mapping.tsx';

/** The whole page. */
export function App(): JSX.Element {
  const live = useLive();
  const [said, setSaid] = useState('');
  const [reveal, setReveal] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [tab, setTab] = useState<Tab | null>(null);
  const [again, setAgain] = useState<string | null>(null);
  const say = useCallback((text: string) => setSaid(text), []);
  const opened = useOpened(openKey, reveal, live, say);
  if (live === null) return <p class="starting">Connecting to the pipeline …</p>;

  const open = (key: string): void => {
    setOpenKey(key);
    setTab('webhook');
  };
  const edit = (key: string): void => {
    setAgain(key);
    setTab('send');
  };
  return (
    <Say.Provider value={say}>
      <Top live={live} reveal={reveal} onReveal={setReveal} />
      <main>
        <Flow flow={live.flow} opened={tab === 'webhook' ? opened : null} />
        <section class="webhooks" aria-label="Webhooks">
          <header class="bar">
            <h2>Webhooks</h2>
            <span class="quiet">{live.rows.length === 1_000 ? 'the newest 1,000' : ''}</span>
            <button type="button" class="primary end" onClick={() => setTab('send')}>
              Send a webhook
            </button>
          </header>
          {live.rows.length === 0 ? (
            <Empty />
          ) : (
            <List rows={live.rows} openKey={openKey} onOpen={open} />
          )}
        </section>
        <Pane tab={tab} onTab={setTab}>
          {{
            webhook:
              opened === null ? (
                <p class="empty">Choose a webhook to see how it came and what became of it.</p>
              ) : (
                <OpenedView key={opened.row.key} opened={opened} onEdit={edit} />
              ),
            send: <Send key={again} again={again} onDone={() => setAgain(null)} />,
            mapping: <TryMapping mappings={live.mappings} reveal={reveal} />,
          }}
        </Pane>
      </main>
      <output class={said === '' ? 'said silent' : 'said'}>
        {said}
        {said !== '' && (
          <button type="button" class="small" aria-label="Dismiss" onClick={() => setSaid('')}>
            ×
          </button>
        )}
      </output>
    </Say.Provider>
  );
}

function Empty(): JSX.Element {
  return (
    <div class="empty">
      <p>
        <b>Nothing has come in yet.</b>
      </p>
      <p>Send a sample, or post one with the curl command in the terminal.</p>
    </div>
  );
}

/** The webhook that is open, read again whenever its row changes. */
function useOpened(
  key: string | null,
  reveal: boolean,
  live: Live | null,
  say: (text: string) => void,
): Opened | null {
  const [opened, setOpened] = useState<Opened | null>(null);
  const row = live?.rows.find((each) => each.key === key);
  const state = JSON.stringify(row ?? null);
  useEffect(() => {
    if (key === null) return;
    let wanted = true;
    const read = async (): Promise<void> => {
      const query = { key, reveal: reveal ? 'yes' : 'no' };
      const answer = await ask(OpenedSchema, '/console/webhook', query);
      if (wanted) setOpened(answer);
    };
    read().catch((fault: unknown) => say(words(fault)));
    return () => {
      wanted = false;
    };
  }, [key, reveal, state, say]);
  return opened?.row.key === key ? opened : null;
}
