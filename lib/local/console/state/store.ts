import type { DeliveryView, Row, WebhookStatus } from '../protocol.ts';
import type { PastWebhook } from './history.ts';
import type { ReceivedWebhook } from './received-webhook.ts';
import { type Attempt, createTimeline, type RecordTimeline } from './timeline.ts';

/** The newest webhooks and their records, up to a limit. */
export interface Store {
  /** Adds a webhook after the response to it. */
  addWebhook(webhook: ReceivedWebhook): void;
  /** The timeline of a record; a new one if there is none. */
  getOrCreateTimeline(recordId: string): RecordTimeline;
  /** Records that a timeline has changed, so that the page gets its rows again. */
  markChanged(timeline: RecordTimeline): void;
  /** Finds a webhook by its key, or the newest one by the id of its record. */
  getWebhook(keyOrId: string): ReceivedWebhook | null;
  findTimeline(webhook: ReceivedWebhook): RecordTimeline | null;
  /** Adds webhooks of an earlier run, the oldest first. */
  restore(past: readonly PastWebhook[]): void;
  /** Removes everything. What happens to its records later has no webhook. */
  clear(): void;
  /** How often it was cleared. */
  generation(): number;
  /** The number of the next webhook. */
  nextNumber(): number;
  /** A number that grows with every change. */
  revision(): number;
  /** The rows that changed after a revision, newest last. */
  getRowsChangedSince(revision: number): Row[];
  timelines(): Iterable<RecordTimeline>;
  /** All webhooks as they are at the call, the oldest first. */
  webhooks(): ReceivedWebhook[];
}

const MAX_WEBHOOKS = 1_000;
const MAX_TIMELINES = 2_000;

/** Creates an empty store. */
export function createStore(): Store {
  /** Of earlier runs, by the key of the webhook: the same id has another timeline in this run. */
  const pastTimelines = new Map<string, RecordTimeline>();
  const webhooks = new Map<string, { readonly webhook: ReceivedWebhook; changedAt: number }>();
  const timelinesById = new Map<string, RecordTimeline>();
  let revision = 0;
  let generation = 0;
  let lastNumber = 0;

  const evict = (key: string): void => {
    const { log, isPast } = webhooks.get(key)?.webhook ?? {};
    webhooks.delete(key);
    pastTimelines.delete(key);
    if (isPast === true) return;
    const id = log?.id;
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
  const findTimeline = ({ key, log, isPast }: ReceivedWebhook): RecordTimeline | null =>
    (isPast ? pastTimelines.get(key) : timelinesById.get(log?.id ?? '')) ?? null;
  const add = (webhook: ReceivedWebhook): void => {
    revision += 1;
    lastNumber = Math.max(lastNumber, webhook.number);
    webhooks.set(webhook.key, { webhook, changedAt: revision });
  };
  const evictOldest = (): void => {
    const [oldest] = webhooks.keys();
    if (webhooks.size > MAX_WEBHOOKS && oldest !== undefined) evict(oldest);
  };

  return {
    addWebhook(webhook) {
      add(webhook);
      if (webhook.log?.id !== undefined)
        getOrCreateTimeline(webhook.log.id).webhookKeys.add(webhook.key);
      evictOldest();
    },
    restore(past) {
      for (const { webhook, timeline } of past) {
        add(webhook);
        if (timeline !== null) pastTimelines.set(webhook.key, timeline);
        evictOldest();
      }
    },
    clear() {
      webhooks.clear();
      timelinesById.clear();
      pastTimelines.clear();
      revision += 1;
      generation += 1;
    },
    getOrCreateTimeline,
    markChanged(timeline) {
      revision += 1;
      timeline.changeCount += 1;
      for (const key of timeline.webhookKeys) {
        const stored = webhooks.get(key);
        if (stored !== undefined) stored.changedAt = revision;
      }
    },
    getWebhook(keyOrId) {
      const { webhook } =
        webhooks.get(keyOrId) ??
        [...webhooks.values()].findLast((each) => each.webhook.log?.id === keyOrId) ??
        {};
      return webhook ?? null;
    },
    findTimeline,
    revision: () => revision,
    generation: () => generation,
    nextNumber: () => lastNumber + 1,
    getRowsChangedSince: (since) =>
      [...webhooks.values()]
        .filter(({ changedAt }) => changedAt > since)
        .map(({ webhook }) => toRow(webhook, findTimeline(webhook))),
    timelines: () => timelinesById.values(),
    webhooks: () => [...webhooks.values()].map(({ webhook }) => webhook),
  };
}

/** Creates a webhook's row of the list. */
export function toRow(webhook: ReceivedWebhook, timeline: RecordTimeline | null): Row {
  const { key, number, at, path, httpStatus, log } = webhook;
  const status = toStatus(webhook, timeline);
  const [firstKey] = timeline?.webhookKeys ?? [];
  const isDuplicate = firstKey !== undefined && firstKey !== key;
  return {
    key,
    number,
    at,
    path,
    event: log?.event?.replace(/^voucherify\./, '') ?? null,
    purpose: log?.purpose ?? null,
    distribution: timeline?.distribution ?? null,
    httpStatus,
    status,
    level: httpStatus >= 400 ? 'error' : status === 'quarantined' ? 'warn' : 'success',
    reason: log?.reason ?? log?.issues?.[0]?.message ?? null,
    recordId: log?.id ?? null,
    isDuplicate,
    isTest: log?.test ?? false,
    isPast: webhook.isPast,
    deliveries: [...(timeline?.deliveries.values() ?? [])]
      .map((delivery) =>
        isDuplicate ? toRepeatedDelivery(delivery, timeline?.attempts ?? [], at) : delivery,
      )
      .sort((a, b) => (a.destination < b.destination ? -1 : 1)),
    changeCount: timeline?.changeCount ?? 0,
  };
}

/** What an earlier webhook delivered, a repetition did not deliver again, unless it had been released. */
function toRepeatedDelivery(
  delivery: DeliveryView,
  attempts: readonly Attempt[],
  at: number,
): DeliveryView {
  const isDeliveredAgain = attempts.some(
    (each) => each.isReleased && each.destination === delivery.destination && each.at >= at,
  );
  return delivery.status === 'delivered' && !isDeliveredAgain
    ? { ...delivery, status: 'duplicate' }
    : delivery;
}

function toStatus({ log }: ReceivedWebhook, timeline: RecordTimeline | null): WebhookStatus {
  if (log?.status === 'quarantined' && timeline?.recordText) return 'replayed';
  return log?.status ?? 'error';
}
