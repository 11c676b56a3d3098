import type { Filter } from '../commands.ts';
import type { DeliveryView, Row } from '../protocol.ts';
import type { ReceivedWebhook } from './received-webhook.ts';
import { type Store, toRow } from './store.ts';
import type { RecordTimeline } from './timeline.ts';
import { createTurns } from './turns.ts';

/** The texts by which one webhook is found. */
interface Findable {
  /** Where the texts were read: a record that comes later has more of them. */
  readonly source: string;
  /** Ids, names and addresses in lower case: a part of one is enough. */
  readonly texts: readonly string[];
  /** Codes: only a whole one is found, as it is written. */
  readonly codes: ReadonlySet<string>;
}

/** A key and its text, in JSON that may be broken or cut off. Linear: no part can begin inside another one. */
const PAIR = /"(\w{1,64})"\s*:\s*"((?:[^"\\]|\\.)*)"/g;
const CODE_KEY = /code$/i;
const FOUND_BY_KEY =
  /^id$|_id$|Id$|^(?:e?mail|email|name|label|type|campaign)$|Name$|_name$|Label$/;
/** Longer texts are no ids and no names. */
const MAX_TEXT_LENGTH = 500;

/** Finds webhooks for the page. What it looks for never leaves this process, nor is it part of an address. */
export interface Search {
  /** Returns the keys of the webhooks that a filter lets through. */
  find(filter: Filter): Promise<string[]>;
}

/** Creates the search over a store. It reads the texts of a webhook once. */
export function createSearch(store: Pick<Store, 'webhooks' | 'findTimeline'>): Search {
  const known = new WeakMap<ReceivedWebhook, Findable>();
  const getFindable = (webhook: ReceivedWebhook, timeline: RecordTimeline | null): Findable => {
    const source = timeline?.recordText ?? webhook.body;
    const existing = known.get(webhook);
    if (existing?.source === source) return existing;
    const findable = toFindable(source);
    known.set(webhook, findable);
    return findable;
  };
  return {
    async find(filter) {
      const keys: string[] = [];
      const text = filter.text.trim();
      const giveTurn = createTurns();
      for (const webhook of store.webhooks()) {
        const timeline = store.findTimeline(webhook);
        const row = toRow(webhook, timeline);
        if (
          matchesChoices(row, filter) &&
          (text === '' || hasText(row, getFindable(webhook, timeline), text))
        )
          keys.push(webhook.key);
        await giveTurn();
      }
      return keys;
    },
  };
}

function toFindable(source: string): Findable {
  const texts = new Set<string>();
  const codes = new Set<string>();
  for (const [, key = '', value = ''] of source.matchAll(PAIR)) {
    if (value === '' || value.length > MAX_TEXT_LENGTH) continue;
    if (CODE_KEY.test(key)) codes.add(unescape(value));
    else if (FOUND_BY_KEY.test(key)) texts.add(unescape(value).toLowerCase());
  }
  return { source, texts: [...texts], codes };
}

function unescape(value: string): string {
  try {
    return String(JSON.parse(`"${value}"`));
  } catch {
    return value;
  }
}

function hasText({ recordId, event, key }: Row, { texts, codes }: Findable, text: string): boolean {
  const part = text.toLowerCase();
  const own = [recordId, event, key].filter((each) => each !== null);
  return codes.has(text) || [...own, ...texts].some((each) => each.toLowerCase().includes(part));
}

function matchesChoices(row: Row, { event, distribution, state }: Filter): boolean {
  return (
    (event === null || row.event === event) &&
    (distribution === null || row.distribution === distribution) &&
    (state === null || isInState(row, state))
  );
}

function isInState(row: Row, state: NonNullable<Filter['state']>): boolean {
  const hasDelivery = (...statuses: readonly DeliveryView['status'][]): boolean =>
    row.deliveries.some(({ status }) => statuses.includes(status));
  switch (state) {
    case 'delivered':
      return hasDelivery('delivered');
    case 'waiting':
      return hasDelivery('waiting', 'in_progress');
    case 'dead':
      return hasDelivery('dead');
    case 'quarantined':
      return row.status === 'quarantined';
    case 'rejected':
      return row.httpStatus >= 400;
  }
}
