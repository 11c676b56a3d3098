import type { Row } from '../protocol.ts';
import type { ReceivedWebhook } from './received-webhook.ts';
import { createTimeline, type RecordTimeline } from './timeline.ts';

/** Everything that is remembered of webhooks and their records: the newest, and never more. */
export interface Store {
  /** Writes down a webhook that was answered. */
  addWebhook(webhook: ReceivedWebhook): void;
  /** The story of a record, from now on if there was none. */
  getOrCreateTimeline(recordId: string): RecordTimeline;
  /** Says that a story has changed. */
  markChanged(timeline: RecordTimeline): void;
  getWebhook(key: string): ReceivedWebhook | null;
  findTimeline(webhook: ReceivedWebhook): RecordTimeline | null;
  /** A number that grows with every change. */
  revision(): number;
  /** The rows that changed after a revision, the newest webhooks last. */
  getRowsChangedSince(revision: number): Row[];
  timelines(): Iterable<RecordTimeline>;
}

const MAX_WEBHOOKS = 1_000;
const MAX_TIMELINES = 2_000;

/** An empty book. */
export function createStore(): Store {
  const webhooks = new Map<string, { readonly webhook: ReceivedWebhook; changedAt: number }>();
  const timelinesById = new Map<string, RecordTimeline>();
  let revision = 0;

  const evict = (key: string): void => {
    const id = webhooks.get(key)?.webhook.entry?.id;
    webhooks.delete(key);
    const timeline = timelinesById.get(id ?? '');
    timeline?.webhookKeys.delete(key);
    if (timeline?.webhookKeys.size === 0) timelinesById.delete(timeline.id);
  };
  const getOrCreateTimeline = (id: string): RecordTimeline => {
    const existing = timelinesById.get(id);
    if (existing !== undefined) return existing;
    const timeline = createTimeline(id);
    timelinesById.set(id, timeline);
    const [oldest] = timelinesById.keys();
    if (timelinesById.size > MAX_TIMELINES && oldest !== undefined) timelinesById.delete(oldest);
    return timeline;
  };
  const findTimeline = (webhook: ReceivedWebhook): RecordTimeline | null =>
    timelinesById.get(webhook.entry?.id ?? '') ?? null;

  return {
    addWebhook(webhook) {
      revision += 1;
      webhooks.set(webhook.key, { webhook, changedAt: revision });
      if (webhook.entry?.id !== undefined)
        getOrCreateTimeline(webhook.entry.id).webhookKeys.add(webhook.key);
      const [oldest] = webhooks.keys();
      if (webhooks.size > MAX_WEBHOOKS && oldest !== undefined) evict(oldest);
    },
    getOrCreateTimeline: getOrCreateTimeline,
    markChanged(timeline) {
      revision += 1;
      timeline.changeCount += 1;
      for (const key of timeline.webhookKeys) {
        const stored = webhooks.get(key);
        if (stored !== undefined) stored.changedAt = revision;
      }
    },
    getWebhook: (key) => webhooks.get(key)?.webhook ?? null,
    findTimeline,
    revision: () => revision,
    getRowsChangedSince: (since) =>
      [...webhooks.values()]
        .filter(({ changedAt }) => changedAt > since)
        .map(({ webhook }) => toRow(webhook, findTimeline(webhook))),
    timelines: () => timelinesById.values(),
  };
}

/** A webhook as the list shows it. */
export function toRow(webhook: ReceivedWebhook, timeline: RecordTimeline | null): Row {
  const { key, number, at, path, responseStatus, entry } = webhook;
  const [first] = timeline?.webhookKeys ?? [];
  return {
    key,
    number,
    at,
    path,
    event: entry?.event?.replace(/^voucherify\./, '') ?? null,
    purpose: entry?.purpose ?? null,
    responseStatus,
    status:
      entry?.status === 'quarantined' && timeline?.recordText
        ? 'replayed'
        : (entry?.status ?? 'error'),
    reason: entry?.reason ?? entry?.issues?.[0]?.message ?? null,
    recordId: entry?.id ?? null,
    isRepeat: first !== undefined && first !== key,
    isTest: entry?.test ?? false,
    deliveries: [...(timeline?.deliveries.values() ?? [])].sort((a, b) =>
      a.destination < b.destination ? -1 : 1,
    ),
    changeCount: timeline?.changeCount ?? 0,
  };
}
