/** The tabs of the side panel, by their part of the address. */
export const TABS = ['webhooks', 'queues', 'send', 'mapping'] as const;
export type Tab = (typeof TABS)[number];

/** What the page shows, as its address says it: a reload, the back button and a copied link show it again. */
export interface Route {
  /** Null: the panel is closed. */
  readonly tab: Tab | null;
  /** The key of the open webhook, or the id of its record. */
  readonly webhookId: string | null;
}

/** Reads the fragment of an address, for example `#/webhooks/whs_1`. One that is unknown shows the list alone. */
export function parseRoute(hash: string): Route {
  const [, name = '', id = ''] = hash.replace(/^#/, '').split('/');
  const tab = TABS.find((each) => each === name) ?? null;
  return { tab, webhookId: tab === 'webhooks' && id !== '' ? decode(id) : null };
}

/** Writes the fragment of an address. It is never sent to a server. */
export function formatRoute({ tab, webhookId }: Route): string {
  if (tab !== 'webhooks' || webhookId === null) return `#/${tab ?? ''}`;
  return `#/webhooks/${encodeURIComponent(webhookId)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
