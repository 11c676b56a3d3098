import type { ComponentChildren, JSX, TargetedKeyboardEvent } from 'preact';
import { useRef } from 'preact/hooks';
import { type Tab, TABS } from './route.ts';

const TAB_TITLES: Readonly<Record<Tab, string>> = {
  webhooks: 'Webhook',
  queues: 'Queues',
  'dead-letters': 'Dead letters',
  quarantine: 'Quarantine',
  send: 'Send',
  mapping: 'Try a mapping',
};

/** The panel on the right. On a small screen it covers the page while a tab is open. */
export function SideTabs(props: {
  /** Null: no tab was opened yet, or the panel was closed. */
  readonly tab: Tab | null;
  readonly onTab: (tab: Tab | null) => void;
  readonly children: Readonly<Record<Tab, ComponentChildren>>;
}): JSX.Element {
  const { tab, onTab, children } = props;
  const tabList = useRef<HTMLDivElement>(null);
  const shown = tab ?? 'webhooks';
  const moveFocus = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = TABS[(TABS.indexOf(shown) + step + TABS.length) % TABS.length] ?? 'webhooks';
    onTab(next);
    tabList.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <section
      class={tab === null ? 'side-tabs' : 'side-tabs open'}
      aria-label="Details"
      onKeyDown={(event) => event.key === 'Escape' && onTab(null)}
    >
      <header class="panel-bar">
        <button type="button" class="small back-button" onClick={() => onTab(null)}>
          ← Back
        </button>
        <div role="tablist" aria-label="Details" ref={tabList}>
          {TABS.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`tab-${each}`}
              aria-selected={each === shown}
              aria-controls="panel"
              tabIndex={each === shown ? 0 : -1}
              onClick={() => onTab(each)}
              onKeyDown={moveFocus}
            >
              {TAB_TITLES[each]}
            </button>
          ))}
        </div>
      </header>
      <div class="panel" id="panel" role="tabpanel" aria-labelledby={`tab-${shown}`} tabIndex={0}>
        {children[shown]}
      </div>
    </section>
  );
}
