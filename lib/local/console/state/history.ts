import * as v from 'valibot';
import { WebhookLogSchema } from '../../../telemetry/log-lines.ts';
import { DELIVERY_STATUSES } from '../../../telemetry/statuses.ts';
import { DeliveryViewSchema, TimelineEventSchema } from '../protocol.ts';
import type { ReceivedWebhook } from './received-webhook.ts';
import type { Store } from './store.ts';
import { createTimeline, type RecordTimeline } from './timeline.ts';
import { createTurns } from './turns.ts';

/** A webhook of an earlier run of npm start, and what had happened to its record. */
export interface PastWebhook {
  readonly webhook: ReceivedWebhook;
  readonly timeline: RecordTimeline | null;
}

/** Grows with every change of the form below. A history of another form is not read. */
const VERSION = 1;
/** So much of the newest webhooks is kept. */
export const MAX_HISTORY_CHARACTERS = 8_388_608;

const text = v.string();
const number = v.number();
const nullableText = v.nullable(text);

const WebhookSchema = v.object({
  key: text,
  number,
  at: number,
  ms: number,
  path: text,
  headers: v.record(text, text),
  body: text,
  bytes: number,
  truncatedCharacters: number,
  isBase64: v.boolean(),
  signatureStatus: v.picklist(['raw', 'compact', 'missing', 'malformed', 'mismatch']),
  httpStatus: number,
  log: v.nullable(WebhookLogSchema),
});
const ExchangeSchema = v.object({
  head: text,
  body: text,
  truncatedCharacters: number,
  recordCount: number,
  response: v.object({ head: text, body: text, ms: number }),
});
const AttemptSchema = v.object({
  at: number,
  destination: text,
  attempt: v.nullable(number),
  status: v.picklist(DELIVERY_STATUSES),
  reason: nullableText,
  httpStatus: v.nullable(number),
  ms: number,
  isReleased: v.boolean(),
  repeatCount: number,
  nextAt: v.nullable(number),
  exchange: v.nullable(ExchangeSchema),
});
const TimelineSchema = v.object({
  id: text,
  recordText: nullableText,
  truncatedCharacters: number,
  distribution: nullableText,
  deliveries: v.array(DeliveryViewSchema),
  attempts: v.array(AttemptSchema),
  events: v.array(v.object({ ...v.omit(TimelineEventSchema, ['afterMs']).entries, at: number })),
  webhookKeys: v.array(text),
});
const HistorySchema = v.pipe(
  text,
  v.parseJson(),
  v.object({
    version: v.literal(VERSION),
    savedAt: number,
    timelines: v.array(TimelineSchema),
    /** The oldest first, each with the place of its timeline. */
    webhooks: v.array(v.object({ webhook: WebhookSchema, timeline: v.nullable(number) })),
  }),
);
type StoredTimeline = v.InferOutput<typeof TimelineSchema>;

/** Writes the newest webhooks of a store as one text, up to a limit. */
export async function serializeHistory(
  store: Pick<Store, 'webhooks' | 'findTimeline'>,
  savedAt: number,
  maxCharacters = MAX_HISTORY_CHARACTERS,
): Promise<string> {
  const giveTurn = createTurns();
  const timelines: string[] = [];
  const places = new Map<RecordTimeline, number>();
  const webhooks: string[] = [];
  let characters = 0;
  for (const webhook of store.webhooks().toReversed()) {
    await giveTurn();
    const timeline = store.findTimeline(webhook);
    const place = timeline === null ? null : (places.get(timeline) ?? timelines.length);
    const isNew = timeline !== null && place === timelines.length;
    const timelineText = isNew ? JSON.stringify(toStored(timeline)) : '';
    const webhookText = JSON.stringify({ webhook, timeline: place });
    characters += timelineText.length + webhookText.length;
    if (characters > maxCharacters) break;
    if (isNew) {
      places.set(timeline, timelines.length);
      timelines.push(timelineText);
    }
    webhooks.unshift(webhookText);
  }
  return `{"version":${VERSION},"savedAt":${savedAt},"timelines":[${timelines.join()}],"webhooks":[${webhooks.join()}]}`;
}

function toStored(timeline: RecordTimeline): StoredTimeline {
  const { id, recordText, truncatedCharacters, distribution, attempts, events } = timeline;
  return {
    id,
    recordText,
    truncatedCharacters,
    distribution,
    deliveries: [...timeline.deliveries.values()],
    attempts,
    events,
    webhookKeys: [...timeline.webhookKeys],
  };
}

/**
 * Reads what `serializeHistory` wrote. The queues and the table of that run are gone, so what waited in them
 * has ended.
 * @returns null for any other text, for example that of another release
 */
export function parseHistory(history: string): readonly PastWebhook[] | null {
  const parsed = v.safeParse(HistorySchema, history);
  if (!parsed.success) return null;
  const { savedAt, webhooks } = parsed.output;
  const timelines = parsed.output.timelines.map((stored) => toPastTimeline(stored, savedAt));
  return webhooks.map(({ webhook, timeline }) => ({
    webhook: { ...webhook, isPast: true },
    timeline: timeline === null ? null : (timelines[timeline] ?? null),
  }));
}

function toPastTimeline(
  { deliveries, attempts, events, webhookKeys, ...others }: StoredTimeline,
  savedAt: number,
): RecordTimeline {
  const ended = deliveries.filter(({ status }) => status === 'waiting' || status === 'in_progress');
  return {
    ...createTimeline(others.id),
    ...others,
    deliveries: new Map(
      deliveries.map((delivery) => [
        delivery.destination,
        ended.includes(delivery) ? { ...delivery, status: 'ended', nextAt: null } : delivery,
      ]),
    ),
    attempts: attempts.map((attempt) => ({ ...attempt, nextAt: null })),
    events: [
      ...events,
      ...ended.map(({ destination }) => ({
        at: savedAt,
        node: 'destination' as const,
        destination,
        level: 'warn' as const,
        text: 'ended: npm start was stopped, which empties its queues',
      })),
    ],
    webhookKeys: new Set(webhookKeys),
  };
}
