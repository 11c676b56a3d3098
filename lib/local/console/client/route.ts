import * as v from 'valibot';
import { type Filter, FilterStateSchema } from '../commands.ts';
import type { Row } from '../protocol.ts';

/** The tabs of the side panel, by their part of the address. */
export const TABS = [
  'webhooks',
  'queues',
  'dead-letters',
  'quarantine',
  'send',
  'mapping',
] as const;
export type Tab = (typeof TABS)[number];

/** What the page shows, as its address says it: a reload, the back button and a copied link show it again. */
export interface Route {
  /** Null: the panel is closed. */
  readonly tab: Tab | null;
  /** The key of the open webhook, or the id of its record. */
  readonly webhookId: string | null;
  readonly filter: LinkedFilter;
}

/** The part of the filter that is in an address: nothing personal. */
export type LinkedFilter = Omit<Filter, 'text'>;

export const NO_FILTER: LinkedFilter = { event: null, distribution: null, state: null };

/** Whether a row is that of the webhook in a route. */
export function hasId({ key, recordId }: Row, id: string | null): boolean {
  return id !== null && (key === id || recordId === id);
}

/** Reads the fragment of an address, for example `#/queues?state=dead`. Of an unknown one the known parts count. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  const [, name = '', id = ''] = path.split('/');
  const tab = TABS.find((each) => each === name) ?? null;
  const parameters = new URLSearchParams(query);
  const state = v.safeParse(FilterStateSchema, parameters.get('state'));
  return {
    tab,
    webhookId: tab === 'webhooks' && id !== '' ? decode(id) : null,
    filter: {
      event: parameters.get('event'),
      distribution: parameters.get('distribution'),
      state: state.success ? state.output : null,
    },
  };
}

/** Writes the fragment of an address. It is never sent to a server. */
export function formatRoute({ tab, webhookId, filter }: Route): string {
  const id = tab === 'webhooks' && webhookId !== null ? `/${encodeURIComponent(webhookId)}` : '';
  const parameters = new URLSearchParams(
    Object.entries(filter).flatMap(([name, value]): [string, string][] =>
      value === null ? [] : [[name, value]],
    ),
  );
  const query = parameters.size === 0 ? '' : `?${parameters.toString()}`;
  return `#/${tab ?? ''}${id}${query}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
